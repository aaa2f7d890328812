"""A CSV file that is changed only where somebody changes it: quotes, order, line ends, BOM stay."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from autograder import store
from autograder.course import CourseError

_BOM = "\ufeff"
_DELIMITERS = (",", ";", "\t")


@dataclass
class Sheet:
    """Rows of raw fields.

    Attributes:
        rows: fields as they are written in the file, quotes included.
        ends: how each row ends: a line break, or nothing at the end of the file.
    """

    rows: list[list[str]]
    ends: list[str]
    delimiter: str
    bom: bool = False

    def value(self, row: int, column: int) -> str:
        """A field's text; empty where a short row has no such field."""
        fields = self.rows[row]
        return _unquoted(fields[column]) if column < len(fields) else ""

    def set(self, row: int, column: int, value: str) -> None:
        """Writes a field, quoted where it was or has to be."""
        fields = self.rows[row]
        fields.extend([""] * (column + 1 - len(fields)))
        quoted = fields[column].startswith('"') or re.search(rf'["\r\n{self.delimiter}]', value)
        fields[column] = '"' + value.replace('"', '""') + '"' if quoted else value

    def header(self) -> list[str]:
        return [_unquoted(field).strip() for field in self.rows[0]] if self.rows else []

    def text(self) -> str:
        """The file's text without a byte order mark."""
        lines = zip(self.rows, self.ends, strict=True)
        return "".join(self.delimiter.join(fields) + end for fields, end in lines)

    def write(self, path: Path) -> None:
        """Raises CourseError where the file can't be written."""
        text = (_BOM if self.bom else "") + self.text()
        store.write(path.absolute(), text.encode("utf-8"))


def read_sheet(path: Path) -> Sheet:
    """A roster as a platform exported it.

    Raises:
        CourseError: no such file, not UTF-8, or not CSV; the message says what to do.
    """
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise CourseError(
            f"can't read {path} ({error.strerror}): name the file that was exported"
        ) from None
    except UnicodeDecodeError:
        raise CourseError(
            f"{path} is not UTF-8 text: export it again and don't save it with a spreadsheet in between"
        ) from None
    bom = text.startswith(_BOM)
    text = text.removeprefix(_BOM)
    first = max(_DELIMITERS, key=text.partition("\n")[0].count)
    try:
        rows, ends = parse(text, first)
    except ValueError as error:
        raise CourseError(f"{path} is no CSV file: {error}. Export it again") from None
    return Sheet(rows, ends, first, bom)


def parse(text: str, delimiter: str) -> tuple[list[list[str]], list[str]]:
    """Rows of raw fields and their line ends, so that joined again they are `text`.

    Raises:
        ValueError: a quote that is opened in some line is never closed.
    """
    field = re.compile(
        rf'"(?:[^"]|"")*"[^{delimiter}\r\n]*|[^"{delimiter}\r\n][^{delimiter}\r\n]*|'
    )
    rows: list[list[str]] = []
    ends: list[str] = []
    fields: list[str] = []
    at = 0
    while at < len(text) or fields:
        found = field.match(text, at)
        assert found is not None  # the pattern matches the empty string
        if not found[0] and text.startswith('"', at):
            raise ValueError(f"the quote in line {text.count(chr(10), 0, at) + 1} is never closed")
        fields.append(found[0])
        at = found.end()
        if text.startswith(delimiter, at):
            at += 1
            continue
        end = re.compile(r"\r\n|\r|\n|").match(text, at)
        assert end is not None
        at = end.end()
        rows.append(fields)
        ends.append(end[0])
        fields = []
    return rows, ends


def _unquoted(raw: str) -> str:
    if raw.startswith('"'):
        inside, _, after = raw[1:].rpartition('"')
        return inside.replace('""', '"') + after
    return raw
