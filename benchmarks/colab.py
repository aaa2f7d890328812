"""The course in an environment of Colab's packages: `python benchmarks/colab.py ENVIRONMENT --list FILE`.

ENVIRONMENT is the folder that scripts/colab-environment made from FILE, Colab's published list; it stays as
it is, since what is installed goes into an environment on top of it.
What `autograder release` hands out is put into a local git repository that stands for the public one, and
installed by the notebooks' own set-up cell; then every lecture and every solved lab runs in the
environment's kernel. Fails when the installation changed anything that was there.
"""

from __future__ import annotations

import argparse
import dataclasses
import re
import sys
import tempfile
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # the tests run notebooks in the same way

from autograder.build import make_lab  # noqa: E402
from autograder.build.bundle import contents  # noqa: E402
from autograder.build.colab import head  # noqa: E402
from autograder.build.lectures import lecture_names  # noqa: E402
from autograder.build.source import instructor_notebook  # noqa: E402
from autograder.course import Course, load_course  # noqa: E402
from tests.autograder import colab_kernel  # noqa: E402

RESULTS = Path(__file__).parent / "results" / "colab.md"
PACKAGE = "adversarial-selfsup-course"
SHOWN = ("ipython", "ipykernel", "ipywidgets", "notebook", "nbformat", "torch", "torchvision")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("environment", type=Path)
    parser.add_argument("--list", type=Path, required=True, help="the list that it was made from")
    parser.add_argument("--only", default="", help="notebooks whose names begin with this")
    asked = parser.parse_args()
    course = dataclasses.replace(load_course(ROOT), repository="owner/course")
    with tempfile.TemporaryDirectory(prefix="colab-environment-") as folder:
        colab = asked.environment.resolve() / "bin" / "python"
        python = colab_kernel.overlay(colab, Path(folder, "venv"))
        before, after = installed_by_the_set_up_cell(course, python)
        changed = sorted(name for name in before if after.get(name) != before[name])
        if changed:
            sys.exit(f"the installation changed: {', '.join(changed)}")
        top = heading(asked.list, before, after)
        names = [
            one for one in (*course.labs, *lecture_names(course)) if one.startswith(asked.only)
        ]
        rows: list[str] = []
        for number, name in enumerate(names, start=1):
            rows.append(row(course, python, name))
            print(rows[-1], flush=True)
            left = f"\nNot run yet: {', '.join(names[number:])}." if names[number:] else ""
            RESULTS.write_text("\n".join([*top, *rows]) + f"\n{left}", encoding="utf-8")


def installed_by_the_set_up_cell(
    course: Course, python: Path
) -> tuple[dict[str, str], dict[str, str]]:
    """`pip list` of the environment before and after a notebook's set-up cell ran in it."""
    before = colab_kernel.pip_list(python)
    with tempfile.TemporaryDirectory(prefix="colab-bundle-") as folder:
        bundle = Path(folder, "course")
        for path, content in contents(course, [*course.labs]):
            (bundle / path).parent.mkdir(parents=True, exist_ok=True)
            (bundle / path).write_bytes(content)
        colab_kernel.as_repository(bundle)
        cell = head(course, course.lab_notebooks / "x.ipynb")[1]
        variables = colab_kernel.from_folder("https://github.com/owner/course", bundle)
        run = colab_kernel.run_in_colab(python, nbformat.v4.new_notebook(cells=[cell]), **variables)
    if run.errors:
        sys.exit("\n".join(run.errors))
    return before, colab_kernel.pip_list(python)


def row(course: Course, python: Path, name: str) -> str:
    """Runs a notebook and says so in a row of the table; ends the program when a cell fails."""
    if name in course.labs:  # solved, hidden checks in it
        notebook, kind = make_lab(course, name).instructor, "solved lab"
    else:
        source, place = course.lecture_sources / f"{name}.py", course.lecture_notebooks / "x.ipynb"
        notebook, kind = instructor_notebook(course, source, place), "lecture"
    run = colab_kernel.run_in_colab(python, notebook, move=True)
    if run.errors:
        sys.exit("\n".join([f"{name} failed:", *run.errors]))
    ran = sum(c.get("execution_count") is not None for c in run.notebook.cells) - 1
    return f"| {kind} `{name}` | {ran} | 0 | {run.views} | {run.figures} | {run.moved} |"


def heading(listed: Path, before: dict[str, str], after: dict[str, str]) -> list[str]:
    wanted = [line for line in listed.read_text(encoding="utf-8").splitlines() if "==" in line]
    names = {_plain(name): version for name, version in before.items()}
    absent, other = [], []
    for line in wanted:
        name, version = line.split("==")
        there = names.get(_plain(name))
        if there is None:
            absent.append(name)
        elif there != version:
            other.append(f"{name} {there} for {version}")
    listed_names = {_plain(line.split("==")[0]) for line in wanted}
    beside = sorted(name for name in before if _plain(name) not in listed_names)
    versions = ", ".join(f"{name} {names[name]}" for name in SHOWN)
    added = [f"{n} {after[n]}" for n in after if n not in before]
    return [
        "# In an environment of Colab's packages",
        "",
        "`scripts/colab-environment ENVIRONMENT --list pip-freeze.txt`, then `python benchmarks/colab.py ENVIRONMENT "
        "--list pip-freeze.txt`. The list is the one that Colab publishes (github.com/googlecolab/backend-info, "
        f"machines without a GPU): {len(wanted)} packages. {len(wanted) - len(absent) - len(other)} of them are here in "
        f"exactly that version. {versions}. This is not Colab itself: its machine, its front end and its module "
        "google.colab (an empty one stands for it) are not here, and there was no GPU.",
        "",
        f"- another version: {', '.join(other) or 'none'}",
        f"- left out, no wheel on the package index ({len(absent)}): {', '.join(absent) or 'none'}",
        f"- beside the list, needed by the index's build of torch: {', '.join(beside) or 'nothing'}",
        "",
        "## `pip list` before and after the set-up cell",
        "",
        f"{len(before)} packages before, {len(after)} after. Changed or gone: none. Added: "
        f"{', '.join(added)}. (IPython 7.34 asks for jedi, which Colab leaves out; pip adds it with whatever it "
        "installs there that needs IPython.)",
        "",
        "## Notebooks",
        "",
        "Run from top to bottom in the environment's own kernel, one after another; widgets shown by its ipywidgets, and "
        "each of their controls moved once at the end.",
        "",
        "| notebook | code cells run | errors | widgets shown | figures in them | controls moved |",
        "|---|---|---|---|---|---|",
    ]


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    main()
