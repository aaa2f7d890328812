"""A lecture's source taken apart, and what every lecture promises."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import jupytext

from course_utils.plots import Picture

ROOT = Path(__file__).parents[2]


class Lecture:
    """Cells, code, text and sections of notebooks/source/lectures/NAME.py.

    Attributes:
        code: the code cells; text: all Markdown in one string.
        sections: heading -> its code cells. The first is the pre-load; `headings` are the others.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        source = ROOT / "notebooks/source/lectures" / f"{name}.py"
        self.cells = jupytext.read(source).cells
        self.code = [cell.source for cell in self.cells if cell.cell_type == "code"]
        self.text = "\n".join(c.source for c in self.cells if c.cell_type == "markdown")
        self.sections: dict[str, list[str]] = {}
        heading = ""
        for cell in self.cells:
            if cell.cell_type == "markdown":
                if match := re.search(r"^## (.+)", cell.source, re.MULTILINE):
                    heading = match.group(1)
            else:
                self.sections.setdefault(heading, []).append(cell.source)
        self.preload, *self.headings = self.sections

    def run(self, heading: str, names: dict, fewer=str) -> list[object]:
        """Runs the pre-load and then one section; `fewer` may rewrite a cell's source to run it in little.

        Returns:
            What each cell of the section would show.
        """
        for source in self.sections[self.preload]:
            run_cell(fewer(source), names)
        return [run_cell(fewer(source), names) for source in self.sections[heading]]


def run_cell(source: str, names: dict) -> object:
    """The value of a cell's last expression, as a notebook would show it."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names) if last else None


def every_code_cell_is_at_most_fifteen_lines(lecture: Lecture) -> None:
    for source in lecture.code:
        lines = [line for line in source.splitlines() if line.strip()]
        assert len(lines) <= 15, f"{len(lines)} lines: {lines[0]}"


def no_device_is_written_down(lecture: Lecture) -> None:
    for source in lecture.code:
        assert not re.search(r"cuda|\bmps\b|\.cpu\(\)", source), source


def the_source_begins_with_its_title(lecture: Lecture) -> None:
    assert lecture.cells[0].cell_type == "markdown"
    assert lecture.cells[0].source.startswith("# ")


def a_section_begins_its_own_cell(lecture: Lecture) -> None:
    for cell in lecture.cells:
        if cell.cell_type == "markdown" and (found := re.search(r"^## \d", cell.source, re.M)):
            assert found.start() == 0, cell.source[: found.end() + 30]


def answers_are_folded(lecture: Lecture) -> None:
    assert lecture.text.count("<details>") == lecture.text.count("</details>") >= 6
    assert "●" in lecture.text


PROMISES = (
    every_code_cell_is_at_most_fifteen_lines,
    no_device_is_written_down,
    the_source_begins_with_its_title,
    a_section_begins_its_own_cell,
    answers_are_folded,
)


def figures_have_words(shown: list[object]) -> None:
    """At least one figure in what a section shows, each with a title and alt text."""
    figures = [value for value in shown if isinstance(value, Picture)]
    assert figures, "a section without a picture"
    for figure in figures:
        assert len(figure.alt) > 40
        assert figure.get_suptitle()
