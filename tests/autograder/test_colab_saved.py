"""Work that was done and saved on Colab is graded like any other: no point is lost on the way."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess

import nbformat
import pytest

from autograder.build import make_lab
from autograder.build.cells import grade_id, is_test
from autograder.collect import collect
from autograder.course import load_course
from autograder.reading import read_notebook
from autograder.restore import restore
from autograder.samples import Kit
from autograder.sandbox import bubblewrap
from tests.autograder.bank_class import ROOT, course_in, grade_samples, kit_of
from tests.autograder.colab_kernel import colab_python
from tests.autograder.editors import as_colab

COURSE = load_course(ROOT)
SHAPES = {
    "plain": {"forms": False},
    "forms": {},
    "metadata kept": {"keep_nbgrader": True, "forms": False},
    "ids kept": {"keep_ids": True, "forms": False},
    "outputs omitted": {"omit_outputs": True, "forms": False},
}
# What the classic notebook server of Colab's environment does when a browser saves: read the model,
# validate, write. `python -c CODE notebook saved`
_SAVED_BY_NOTEBOOK_6 = """
import sys
from pathlib import Path
import nbformat
from notebook.services.contents.filemanager import FileContentsManager
source, saved = map(Path, sys.argv[1:])
manager = FileContentsManager(root_dir=str(source.parent))
model = manager.get(source.name)
assert model["type"] == "notebook"
manager.save({"type": "notebook", "content": model["content"]}, saved.name)
print(nbformat.__version__)
"""


@pytest.fixture(scope="module")
def kits():
    """Lab -> its kit, made when first asked for."""
    made: dict[str, Kit] = {}

    def kit_of_lab(lab: str) -> Kit:
        if lab not in made:
            made[lab] = Kit(make_lab(COURSE, lab).instructor, ROOT / "course.toml")
        return made[lab]

    return kit_of_lab


def graded_code(notebook, kit: Kit) -> dict[str, str]:
    """What the grader will run of the student's, and the checks, by name; a form's title left out."""
    restored = restore(notebook, kit.assignment, "").notebook
    return {
        grade_id(cell): cell.source.replace('#@title Run me { display-mode: "form" }\n', "")
        for cell in restored.cells
        if grade_id(cell)
    }


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("lab", COURSE.labs)
def test_every_cell_of_every_lab_comes_back_from_colab(kits, lab, shape):
    kit = kits(lab)
    solved = kit.solved()
    saved, _ = read_notebook(as_colab(solved, **SHAPES[shape]))
    found, wanted = graded_code(saved, kit), graded_code(solved, kit)
    assert list(found) == list(wanted)
    for name in wanted:
        assert found[name].strip() == wanted[name].strip(), name
    assert {name for name in found if name.startswith("test_")} == {
        grade_id(cell) for cell in kit.assignment.cells if is_test(cell)
    }


@pytest.mark.skipif(
    bubblewrap.why_not() is not None, reason=f"no sandbox here: {bubblewrap.why_not()}"
)
def test_a_solved_lab_saved_by_colab_gets_full_points(tmp_path):
    """The shape with forms is graded among the faults (tests/banks/faults/colab.py)."""
    course = course_in(tmp_path)
    kit = kit_of(course)
    samples = [
        kit.hand_in(
            name.replace(" ", "-"),
            f"right work, saved by Colab ({name})",
            as_colab(kit.solved(), **options),
            place="{name}/Copy of {lab}.ipynb",
        )
        for name, options in SHAPES.items()
        if name in ("plain", "metadata kept", "ids kept")
    ]
    results = grade_samples(course, samples)
    assert {name: result.score for name, result in results.items()} == {
        sample.name: kit.total for sample in samples
    }
    assert not any(result.flags for result in results.values())


@pytest.mark.parametrize(
    "name",
    [
        "Copy of {lab}.ipynb",
        "Copy of {lab} (1).ipynb",
        "Copy of Copy of {lab}.ipynb",
        "Kopie von {lab}.ipynb",
        "{lab}.ipynb - Colab.ipynb",
    ],
)
def test_the_names_that_drive_gives_to_copies_are_known(tmp_path, name):
    lab = next(iter(COURSE.labs))
    course = dataclasses.replace(COURSE, root=tmp_path / "course")
    file = tmp_path / "handed in" / "ana" / name.format(lab=lab)
    file.parent.mkdir(parents=True)
    saved = as_colab(make_lab(COURSE, lab).student)
    file.write_bytes(saved)
    assert collect(course, lab, [tmp_path / "handed in"]).students == ["ana"]
    assert (course.submitted / "ana" / lab / f"{lab}.ipynb").read_bytes() == saved


@pytest.mark.parametrize("lab", COURSE.labs)
def test_the_save_path_of_colabs_own_notebook_server_keeps_every_cell(kits, lab, tmp_path):
    """nbformat and notebook 6.5 as in Colab's package list read the released lab and write it again."""
    python = colab_python()
    kit = kits(lab)
    solved = kit.solved()
    nbformat.write(solved, tmp_path / "solved.ipynb")
    subprocess.run(
        [python, "-c", _SAVED_BY_NOTEBOOK_6, tmp_path / "solved.ipynb", tmp_path / "saved.ipynb"],
        check=True,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
    )
    data = (tmp_path / "saved.ipynb").read_bytes()
    assert json.loads(data)["nbformat"] == 4
    saved, _ = read_notebook(data)
    assert graded_code(saved, kit) == graded_code(solved, kit)
    twice, _ = read_notebook(as_colab(nbformat.read(tmp_path / "saved.ipynb", 4), forms=False))
    assert [*graded_code(twice, kit)] == [*graded_code(solved, kit)]
