"""What the build makes of links to the glossary, and that no score and no run hangs on its sentences."""

from __future__ import annotations

import copy
import re
import shutil

import nbformat
import pytest
from nbformat.v4 import new_markdown_cell

from autograder import store
from autograder.build import build, ensure_built, make_lab
from autograder.build.cells import BuildRefused
from autograder.build.fingerprint import fingerprint
from autograder.build.glossary import WORDS_ID, read_glossary, without_words
from autograder.build.labs import LabNotebooks
from autograder.course import Course, Limits
from autograder.restore import restore
from autograder.results import Job
from autograder.run_cells import run_cells
from tests.autograder.handed_in import cell_of, data_of, solved
from tests.autograder.tiny import LAB, LECTURE, copy_course, edit, quiet

GLOSSARY = """\
# Words

### Mean
The sum of numbers over how many there are; it isn't a [median](#median).

*Anybody 1900, [arXiv 0000.00000](https://arxiv.org/abs/0000.00000). Shown in [lecture 1](../notebooks/lectures/01_tiny.ipynb).*

### Median
Half of the numbers are smaller.

*Nobody.*
"""
LINK = "../../../docs/glossary.md#"


def with_glossary(folder, text: str = GLOSSARY) -> Course:
    """The tiny course with a word linked in its lab and one in its lecture."""
    course = copy_course(
        folder,
        lab=("is the arithmetic mean;", f"is the arithmetic [mean]({LINK}mean);"),
        lecture=("# # How far does an average", f"# A [median]({LINK}median).\n#\n# # How far"),
    )
    (course.home / "docs").mkdir()
    (course.home / "docs" / "glossary.md").write_text(text)
    return course


def reword(course: Course) -> None:
    """Other sentences for both words."""
    path = course.home / "docs" / "glossary.md"
    path.write_text(path.read_text().replace("The sum", "All").replace("Half", "One half"))


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Course:
    """The tests only read it."""
    return with_glossary(tmp_path_factory.mktemp("glossary") / "course")


@pytest.fixture(scope="module")
def lab(course) -> LabNotebooks:
    return make_lab(course, LAB)


@pytest.fixture(scope="module")
def reworded(tmp_path_factory) -> LabNotebooks:
    course = with_glossary(tmp_path_factory.mktemp("reworded") / "course")
    reword(course)
    return make_lab(course, LAB)


def test_a_linked_word_tells_its_definition_and_leads_to_the_last_cell(lab):
    (linked,) = [cell for cell in lab.student.cells[:-1] if "glossary-words" in cell.source]
    assert (
        '[mean](#scrollTo=glossary-words "The sum of numbers over how many there are; it isn\'t a median.")'
        in linked.source
    )
    words = lab.student.cells[-1]
    assert (words.cell_type, words.id, words.metadata.id) == ("markdown", WORDS_ID, WORDS_ID)
    assert words.source.startswith('<a id="scrollTo=glossary-words"></a>')
    assert words.source.endswith(
        "* **Mean**: The sum of numbers over how many there are; it isn't a median. "
        "*Anybody 1900, [arXiv 0000.00000](https://arxiv.org/abs/0000.00000). Shown in lecture 1.*"
    )
    assert "Median**" not in words.source  # only what this notebook links


def test_nothing_but_markdown_is_touched_and_without_the_words_it_is_as_before(lab, tiny_notebooks):
    plain = tiny_notebooks.student.cells
    assert len(lab.student.cells) == len(plain) + 1
    for cell, before in zip(lab.student.cells, plain, strict=False):
        assert without_words(cell.source) == before.source
        assert cell.source == before.source or cell.cell_type == "markdown"
        assert cell.metadata == before.metadata
    assert without_words(lab.student.cells[-1].source) == ""


def test_a_better_sentence_gives_no_cell_another_id(lab, reworded):
    assert [cell.id for cell in lab.student.cells] == [cell.id for cell in reworded.student.cells]
    assert lab.student.cells[-1].source != reworded.student.cells[-1].source


def test_a_notebook_page_shows_the_definition_and_has_the_place_that_links_lead_to(lab):
    from nbconvert.exporters import HTMLExporter

    page, _ = HTMLExporter(template_name="classic").from_notebook_node(lab.student)
    assert re.search(
        r'<a href="#scrollTo=glossary-words" title="The sum of numbers[^"]*">mean</a>', page
    )
    assert '<a id="scrollTo=glossary-words"></a>' in page


@pytest.mark.parametrize(
    ("link", "says"),
    [
        (f"{LINK}maen", r"begins '## The mean': .* no entry #maen; the nearest is #mean: link to"),
        ("../docs/glossary.md#mean", r"not of the form \[word\]\(\.\./\.\./\.\./docs/glossary"),
        (f'{LINK}mean "a title"', "is not of the form"),
    ],
)
def test_a_link_that_leads_nowhere_is_refused_with_the_cell_and_the_remedy(tmp_path, link, says):
    course = with_glossary(tmp_path / "course")
    edit(course.home, "lab", f"{LINK}mean", link)
    with pytest.raises(BuildRefused, match=f"^{LAB}, .*{says}"):
        make_lab(course, LAB)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("Half of", 'Half "of"', "entry 'Median': '\"' in the definition"),
        ("Half of", "*Half* of", r"'\*' in the definition"),
        ("*Nobody.*", "", "entry 'Median': write one paragraph, then"),
        ("### Median", "### Mean", "two entries 'Mean'"),
    ],
)
def test_an_entry_that_would_break_a_link_is_refused(tmp_path, old, new, says):
    course = with_glossary(tmp_path / "course", GLOSSARY.replace(old, new))
    with pytest.raises(BuildRefused, match=says):
        read_glossary(course.home / "docs" / "glossary.md")


def test_a_glossary_that_is_gone_is_refused_where_a_notebook_links_to_it(tmp_path):
    course = with_glossary(tmp_path / "course")
    shutil.rmtree(course.home / "docs")
    with pytest.raises(BuildRefused, match=r"glossary\.md is missing"):
        make_lab(course, LAB)


def test_a_better_sentence_reaches_a_lecture_without_running_it(tmp_path):
    course = with_glossary(tmp_path / "course")
    path = course.lecture_notebooks / f"{LECTURE}.ipynb"
    assert build(course, [LECTURE], report=quiet).ok
    before = nbformat.read(path, as_version=4)
    reword(course)
    assert build(course, [LECTURE], check=True).differs == [
        f"notebooks/lectures/{LECTURE}.ipynb is not as the build writes it"
    ]
    said: list[str] = []
    assert build(course, [LECTURE], report=said.append).written == [path]
    after = nbformat.read(path, as_version=4)
    assert said == []  # it was not run
    assert "One half of the numbers" in after.cells[-1].source
    assert [cell for cell in after.cells if cell.cell_type == "code"] == [
        cell for cell in before.cells if cell.cell_type == "code"
    ]
    after.cells[-1].source = "Edited by hand."
    nbformat.write(after, path)
    assert build(course, [LECTURE], report=said.append).written == [path]
    assert said == []
    assert "One half of the numbers" in path.read_text()


def test_a_better_sentence_reaches_a_registered_lab_with_submissions(tmp_path, monkeypatch):
    from nbgrader.api import Gradebook

    monkeypatch.setattr("autograder.build.labs.verify", lambda *_: None)
    course = with_glossary(tmp_path / "course")
    ensure_built(course, LAB, quiet)
    with Gradebook(f"sqlite:///{course.gradebook}", course.id) as gradebook:
        gradebook.add_student("ada")
        gradebook.add_submission(LAB, "ada")
    reword(course)
    assert "All of numbers" in ensure_built(course, LAB, quiet).read_text()


def test_a_better_sentence_does_not_make_a_lab_be_verified_again(tmp_path):
    course = with_glossary(tmp_path / "course")
    source = course.lab_sources / f"{LAB}.py"
    before = fingerprint(course, source)
    reword(course)
    assert fingerprint(course, source) == before


def test_no_submission_is_graded_again_for_a_better_sentence(lab, reworded):
    def key(assignment) -> str:
        return store.key_of(Job("ada", LAB, b"work", data_of(assignment), Limits()))

    assert key(lab.instructor) == key(reworded.instructor)
    changed = copy.deepcopy(lab.instructor)
    cell_of(changed, "test_mean").source += "\nassert mean([4]) == 4"
    assert key(changed) != key(lab.instructor)


@pytest.mark.parametrize("metadata", [True, False], ids=["metadata kept", "metadata lost"])
@pytest.mark.parametrize(
    "answer", ["", "When a few of them are far away."], ids=["blank", "answered"]
)
@pytest.mark.parametrize("made_from", ["before the glossary", "another sentence", "this release"])
def test_work_from_any_release_is_graded_without_a_word_about_it(
    lab, reworded, tiny_notebooks, made_from, answer, metadata
):
    releases = {"before the glossary": tiny_notebooks, "another sentence": reworded}
    submission = solved(releases.get(made_from, lab), answer)
    if not metadata:
        for cell in submission.cells:
            cell.metadata = {}
    restored = restore(submission, lab.instructor, LAB)
    assert all("lost their nbgrader metadata" in repair for repair in restored.repairs)
    assert bool(restored.repairs) is not metadata
    assert restored.answered == ({"written"} if answer else set())
    shown = run_cells(restored.notebook, lab.instructor, "title")
    assert not any(cell.html for cell in shown)  # all prose is the lab's


@pytest.mark.parametrize("made_from", ["before the glossary", "this release"])
def test_an_answer_without_its_marker_is_known_by_its_place_in_work_from_any_release(
    lab, tiny_notebooks, made_from
):
    submission = solved(lab if made_from == "this release" else tiny_notebooks, "Far away.")
    cell = cell_of(submission, "written")
    cell.metadata, cell.source, cell.id = {}, "Far away.", "new"
    submission.cells.insert(1, new_markdown_cell(""))  # an empty cell is not the cell of words
    restored = restore(submission, lab.instructor, LAB)
    assert restored.repairs == ["recognised by its place: written"]
    assert cell_of(restored.notebook, "written").source == "Far away."


def test_words_that_a_later_release_no_longer_explains_are_no_answer(lab, tiny_notebooks):
    restored = restore(solved(lab, ""), tiny_notebooks.instructor, LAB)
    assert (restored.repairs, restored.answered) == ([], set())


def test_what_a_student_writes_below_the_words_is_an_answer(lab):
    submission = solved(lab, "")
    submission.cells[-1].source += "\n\nWhen a few of them are far away."
    restored = restore(submission, lab.instructor, LAB)
    assert restored.answered == {"written"}
    shown = run_cells(restored.notebook, lab.instructor, "title")
    assert any("few of them are far away" in str(cell.html) for cell in shown)
