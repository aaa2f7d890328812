"""What a cell shows, kept to a size and to kinds that are safe to look at."""

from __future__ import annotations

import json
import re
from typing import Any

_ERROR_CHARACTERS = 20_000
# HTML, SVG and JavaScript would run in the browser of whoever opens the graded notebook.
_SAFE = {"text/plain", "text/latex", "image/png", "image/jpeg"}
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
_MOST_ENTRIES = 1000
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")


class Outputs:
    """Collects a cell's outputs as nbformat keeps them.

    Attributes:
        cut: whether more was shown than `megabytes`.
        error: the content of the error message, where the cell sent one.
    """

    def __init__(self, megabytes: float) -> None:
        self._room = self._all_room = int(megabytes * 1_000_000)
        self._kept: list[dict[str, Any]] = []
        self._clear_next = False
        self.cut = False
        self.error: dict[str, Any] | None = None

    def take(self, kind: str, content: dict[str, Any]) -> None:
        """One message from the kernel; what is no output is passed over."""
        if kind == "clear_output":
            self._clear_next = True
            if not content.get("wait"):
                self._clear()
        elif kind == "stream":
            self._clear_where_asked()
            self._stream(str(content.get("name")), content.get("text"))
        elif kind in ("display_data", "execute_result"):
            self._clear_where_asked()
            self._data(kind, content)
        elif kind == "error":
            self.error = content

    def finished(self) -> list[dict[str, Any]]:
        outputs = [
            {**output, "text": "".join(output["text"])}
            if output["output_type"] == "stream"
            else output
            for output in self._kept
        ]
        if self.cut:
            note = (
                f"\n… the rest of the output is cut: a cell may show {self._all_room / 1e6:g} MB\n"
            )
            outputs.append({"output_type": "stream", "name": "stderr", "text": note})
        if self.error is not None:
            outputs.append(_error_output(self.error))
        return outputs

    def _clear_where_asked(self) -> None:
        if self._clear_next:
            self._clear()

    def _clear(self) -> None:
        # the room stays used: a cell that clears for ever must not be listened to for ever
        self._kept, self._clear_next = [], False

    def _stream(self, name: str, text: Any) -> None:
        if not isinstance(text, str) or name not in ("stdout", "stderr"):
            return
        if len(text) > self._room:
            text, self.cut = text[: self._room], True
        self._room -= len(text)
        if not text:
            return
        last = self._kept[-1] if self._kept else {}
        if last.get("name") == name:
            last["text"].append(text)
        else:
            self._keep({"output_type": "stream", "name": name, "text": [text]})

    def _data(self, kind: str, content: dict[str, Any]) -> None:
        data = content.get("data")
        if not isinstance(data, dict):
            return
        safe = {
            mime: value
            for mime, value in data.items()
            if mime in _SAFE
            and isinstance(value, str)
            and (not mime.startswith("image/") or _BASE64.fullmatch(value))
        }
        size = sum(len(value) for value in safe.values())
        if size > self._room:
            self.cut = True
            return
        self._room -= size
        output: dict[str, Any] = {"output_type": kind, "data": safe, "metadata": {}}
        if kind == "execute_result":
            count = content.get("execution_count")
            output["execution_count"] = count if isinstance(count, int) else None
        if safe:
            self._keep(output)

    def _keep(self, output: dict[str, Any]) -> None:
        if len(self._kept) >= _MOST_ENTRIES:
            self.cut = True
        else:
            self._kept.append(output)


def unpack(data: bytes) -> Any:
    """A part of a kernel's message; half characters, which no file can hold, are replaced."""
    value = json.loads(data)
    if _HALF.search(data):  # perhaps halves of whole characters, perhaps not
        value = json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    return value


def _error_output(error: dict[str, Any]) -> dict[str, Any]:
    lines = error.get("traceback")
    text = "\n".join(map(str, lines)) if isinstance(lines, list) else ""
    return {
        "output_type": "error",
        "ename": str(error.get("ename", ""))[:200],
        "evalue": str(error.get("evalue", ""))[:_ERROR_CHARACTERS],
        "traceback": text[-_ERROR_CHARACTERS:].split("\n"),
    }
