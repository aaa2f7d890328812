"""When a lecture is run, when it is not, and what its notebook must look like."""

import json
import shutil
import textwrap

import nbformat
import pytest

from autograder.build import build
from autograder.build.fingerprint import fingerprint
from autograder.course import Course
from tests.autograder.tiny import LECTURE, copy_course, edit, quiet


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Course:
    course = copy_course(tmp_path_factory.mktemp("lectures") / "course")
    assert build(course, [LECTURE], report=quiet).ok
    return course


@pytest.fixture
def course(built, tmp_path) -> Course:
    """A copy to spoil, the lecture built."""
    course = copy_course(tmp_path / "course")
    shutil.copytree(built.lecture_notebooks, course.lecture_notebooks)
    return course


def notebook_of(course):
    return nbformat.read(course.lecture_notebooks / f"{LECTURE}.ipynb", as_version=4)


def differs(course) -> list[str]:
    return build(course, [LECTURE], check=True).differs


def test_a_lecture_has_its_outputs_and_nothing_of_the_machine_that_ran_it(built):
    notebook = notebook_of(built)
    assert [cell.outputs[0].text for cell in notebook.cells if cell.get("outputs")] == [
        "mean 252.25\n"
    ]
    assert notebook.metadata.language_info == {"name": "python"}
    assert not any("execution" in cell.metadata for cell in notebook.cells)
    assert str(built.home) not in (built.lecture_notebooks / f"{LECTURE}.ipynb").read_text()


def test_it_is_run_again_when_its_source_changed_and_only_then(course):
    said = []
    assert build(course, [LECTURE], report=said.append).written == []
    assert said == []
    assert differs(course) == []
    edit(course.home, "lecture", "1000]", "2000]")
    assert "was made from an older source" in differs(course)[0]
    build(course, [LECTURE], report=said.append)
    assert said[0] == f"{LECTURE}: running it"
    assert "mean 502.25" in str(notebook_of(course))


def test_force_runs_it_all_the_same(course):
    said = []
    assert build(course, [LECTURE], report=said.append, force=True).ok
    assert said[0] == f"{LECTURE}: running it"


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (
            lambda cells: cells[2].update(source="# Edited by hand"),
            "has other cells than its source",
        ),
        (lambda cells: cells.pop(), "has other cells than its source"),
        (lambda cells: cells[-1].update(outputs=[]), "has no outputs"),
        (
            lambda cells: cells[-1]["outputs"].append(
                nbformat.v4.new_output("error", ename="ValueError", evalue="", traceback=[])
            ),
            "shows an error",
        ),
        (lambda cells: cells[0].update(source="no badge"), "is not as the build writes it"),
        (lambda cells: cells[3]["metadata"].update(tags=["mine"]), "is not as the build writes it"),
    ],
)
def test_check_sees_what_somebody_did_to_the_notebook(course, spoil, says):
    path = course.lecture_notebooks / f"{LECTURE}.ipynb"
    notebook = json.loads(path.read_text())
    spoil(notebook["cells"])
    path.write_text(nbformat.writes(nbformat.from_dict(notebook)) + "\n")
    (line,) = differs(course)
    assert line.startswith(f"notebooks/lectures/{LECTURE}.ipynb {says}")
    assert build(course, [LECTURE], report=quiet).ok
    assert differs(course) == []


def test_a_notebook_that_is_no_json_is_rebuilt(course):
    (course.lecture_notebooks / f"{LECTURE}.ipynb").write_text("no JSON")
    assert "can't be read" in differs(course)[0]
    assert build(course, [LECTURE], report=quiet).ok


def test_a_lecture_that_fails_is_refused_and_the_old_one_stays(course):
    before = (course.lecture_notebooks / f"{LECTURE}.ipynb").read_text()
    edit(course.home, "lecture", "/ len(numbers)", "/ 0")
    result = build(course, [LECTURE], report=quiet)
    assert (
        "begins 'print(\"mean\", sum(numbers) / 0)' failed: ZeroDivisionError" in result.refused[0]
    )
    assert (course.lecture_notebooks / f"{LECTURE}.ipynb").read_text() == before


def test_an_output_that_shows_a_folder_of_this_machine_is_refused(course):
    edit(course.home, "lecture", 'print("mean"', 'import sys\n\nprint(sys.prefix, "mean"')
    assert (
        "its output shows a folder of this machine"
        in build(course, [LECTURE], report=quiet).refused[0]
    )


def test_the_home_folder_is_shown_as_every_reader_has_it(course, monkeypatch):
    monkeypatch.setenv("HOME", "/home/somebody")
    edit(course.home, "lecture", 'print("mean"', 'print("/home/somebody/.cache/it", "mean"')
    assert build(course, [LECTURE], report=quiet).ok
    (text,) = [cell.outputs[0].text for cell in notebook_of(course).cells if cell.get("outputs")]
    assert text == "~/.cache/it mean 252.25\n"


def test_a_lecture_leaves_nothing_lying_around(course):
    edit(course.home, "lecture", 'print("mean"', 'open("left.txt", "w").close()\nprint("mean"')
    assert build(course, [LECTURE], report=quiet).ok
    assert not list(course.home.rglob("left.txt"))


def test_widgets_keep_their_state_and_figures_are_pictures(course):
    edit(
        course.home,
        "lecture",
        'print("mean"',
        "import ipywidgets\nimport matplotlib.pyplot as plt\n\n"
        'plt.plot(numbers)\ndisplay(ipywidgets.IntSlider(7))\nprint("mean"',
    )
    assert build(course, [LECTURE], report=quiet).ok
    notebook = notebook_of(course)
    kinds = {
        kind
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        for kind in output.get("data", {})
    }
    assert {"image/png", "application/vnd.jupyter.widget-view+json"} <= kinds
    assert "IntSliderModel" in str(notebook.metadata.widgets)
    assert differs(course) == []


def test_widgets_that_nothing_shows_leave_no_state(course):
    edit(
        course.home,
        "lecture",
        'print("mean"',
        'import ipywidgets\n\nslider = ipywidgets.IntSlider(7)\nprint("mean"',
    )
    assert build(course, [LECTURE], report=quiet).ok
    assert "widgets" not in notebook_of(course).metadata


class TestFingerprint:
    """A run depends on the rooms that a source imports, and those that they import; on no other."""

    @pytest.fixture
    def course(self, tmp_path) -> Course:
        course = copy_course(tmp_path / "course")
        modules = {
            "__init__.py": "",
            "plots.py": "from course_utils.device import pick\n",
            "device.py": "def pick():\n    from . import seeds\n    return 1\n",
            "seeds.py": "SEED = 0\n",
            "training.py": "EPOCHS = 1\n",
            "models/__init__.py": "from .zoo import load\n",
            "models/zoo.py": "def load(name):\n    from ..training import EPOCHS\n",
        }
        for name, text in modules.items():
            path = course.home / "course_utils" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        (course.home / "data" / "zoo").mkdir(parents=True)
        return course

    @staticmethod
    def depends(course: Course, imports: str) -> set[str]:
        """Which files of the project change the fingerprint of a source with these lines."""
        source = course.lecture_sources / "probe.py"
        source.write_text("# %%\n" + textwrap.dedent(imports))
        found = set()
        for path in sorted((course.home / "course_utils").rglob("*.py")):
            before, text = fingerprint(course, source), path.read_text()
            path.write_text(text + "changed = 1\n")
            if fingerprint(course, source) != before:
                found.add(path.relative_to(course.home / "course_utils").as_posix())
            path.write_text(text)
        return found

    @pytest.mark.parametrize(
        ("imports", "files"),
        [
            ("import torch\n", set()),
            ("from course_utils import seeds\n", {"__init__.py", "seeds.py"}),
            (
                "from course_utils import plots\n",
                {"__init__.py", "plots.py", "device.py", "seeds.py"},
            ),
            (
                "from course_utils.plots import (\n    a,\n    b,\n)\n",
                {"__init__.py", "plots.py", "device.py", "seeds.py"},
            ),
            (
                "%matplotlib inline\nimport course_utils.training as t\n",
                {"__init__.py", "training.py"},
            ),
            (
                "from course_utils import models\n",
                {"__init__.py", "models/__init__.py", "models/zoo.py", "training.py"},
            ),
            (
                "import course_utils\n",
                {
                    "__init__.py",
                    "plots.py",
                    "device.py",
                    "seeds.py",
                    "training.py",
                    "models/__init__.py",
                    "models/zoo.py",
                },
            ),
        ],
    )
    def test_follows_imports(self, course, imports, files):
        assert self.depends(course, imports) == files

    def test_ignores_comments_and_blank_lines_of_the_package(self, course):
        source = course.lecture_sources / "probe.py"
        source.write_text("from course_utils import seeds\n")
        before = fingerprint(course, source)
        (course.home / "course_utils" / "seeds.py").write_text(
            "# Zero, as good as any.\n\nSEED = 0\n"
        )
        assert fingerprint(course, source) == before

    def test_counts_the_weights_that_are_named(self, course):
        source = course.lecture_sources / "probe.py"
        source.write_text('from course_utils import models\nmodels.zoo.load("world_classifier")\n')
        before = fingerprint(course, source)
        (course.home / "data" / "zoo" / "something_else.safetensors").write_bytes(b"1")
        assert fingerprint(course, source) == before
        (course.home / "data" / "zoo" / "world_classifier.safetensors").write_bytes(b"1")
        assert fingerprint(course, source) != before

    def test_counts_the_measured_results_that_are_named(self, course):
        source = course.lecture_sources / "probe.py"
        source.write_text('from course_utils import seeds\nshow("label_curves")\n')
        results = course.home / "data" / "results"
        results.mkdir()
        before = fingerprint(course, source)
        (results / "something_else.json").write_text("{}")
        assert fingerprint(course, source) == before
        (results / "label_curves.json").write_text("{}")
        assert fingerprint(course, source) != before
