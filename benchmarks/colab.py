"""The course in an environment of Colab's packages: `python benchmarks/colab.py ENVIRONMENT --list FILE`.

ENVIRONMENT is the folder that scripts/colab-environment made from FILE, Colab's published list. The
student bundle is released, put into a local git repository that stands for the public one, and
installed by the notebooks' own set-up cell; then every lecture and every solved lab runs in the
environment's kernel. Fails when the installation changed anything that was there.
"""

from __future__ import annotations

import argparse
import dataclasses
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # the tests run notebooks in the same way

from autograder.build import make_lab, release  # noqa: E402
from autograder.build.colab import head  # noqa: E402
from autograder.build.lectures import lecture_names  # noqa: E402
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
    python = asked.environment.resolve() / "bin" / "python"
    course = dataclasses.replace(load_course(ROOT), repository="owner/course")
    before, after = installed_by_the_set_up_cell(course, python)
    changed = {name for name in before if after.get(name) != before[name]}
    added = {name for name in after if name not in before}
    rows = list(all_notebooks(course, python, asked.only))
    page = "\n".join([*heading(asked.list, before, after), *rows]) + "\n"
    print(page)
    if changed:
        sys.exit(f"the installation changed: {', '.join(sorted(changed))}")
    if added != {PACKAGE}:
        sys.exit(f"the installation added {', '.join(sorted(added)) or 'nothing'}")
    if not asked.only:
        RESULTS.write_text(page, encoding="utf-8")


def installed_by_the_set_up_cell(
    course: Course, python: Path
) -> tuple[dict[str, str], dict[str, str]]:
    """`pip list` of the environment before and after a notebook's set-up cell ran in it."""
    subprocess.run([python, "-m", "pip", "uninstall", "--quiet", "--yes", PACKAGE], check=True)
    before = colab_kernel.pip_list(python)
    with tempfile.TemporaryDirectory(prefix="colab-bundle-") as folder:
        bundle = release(load_course(ROOT), course.labs, Path(folder, "course"))
        colab_kernel.as_repository(bundle)
        cell = head(course, course.lab_notebooks / "x.ipynb")[1]
        variables = colab_kernel.from_folder("https://github.com/owner/course", bundle)
        run = colab_kernel.run_in_colab(python, nbformat.v4.new_notebook(cells=[cell]), **variables)
    if run.errors:
        sys.exit("\n".join(run.errors))
    return before, colab_kernel.pip_list(python)


def all_notebooks(course: Course, python: Path, only: str):
    """Runs each and yields a row of the table; ends the program at the first that fails."""
    yield "| notebook | code cells run | errors | widgets shown | figures in them | controls moved |"
    yield "|---|---|---|---|---|---|"
    for name in [*lecture_names(course), *course.labs]:
        if not name.startswith(only):
            continue
        if name in course.labs:  # solved, hidden checks in it
            notebook = make_lab(course, name).instructor
        else:
            notebook = nbformat.read(course.lecture_notebooks / f"{name}.ipynb", as_version=4)
        run = colab_kernel.run_in_colab(python, notebook, move=True)
        if run.errors:
            sys.exit("\n".join([f"{name} failed:", *run.errors]))
        ran = sum(c.get("execution_count") is not None for c in run.notebook.cells) - 1
        kind = "solved lab" if name in course.labs else "lecture"
        row = f"| {kind} `{name}` | {ran} | 0 | {run.views} | {run.figures} | {run.moved} |"
        print(row, flush=True)
        yield row


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
    changed = [n for n in before if after.get(n) != before[n]]
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
        f"{len(before)} packages before, {len(after)} after. Changed or gone: {', '.join(changed) or 'none'}. "
        f"Added: {', '.join(added)}.",
        "",
        "## Notebooks",
        "",
        "Run from top to bottom in the environment's own kernel, one after another; widgets shown by its ipywidgets, and "
        "each of their controls moved once at the end.",
        "",
    ]


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    main()
