"""What Colab has satisfies what the course asks for, and the set-up cell works in Colab's packages.

The versions are those of the list that Colab publishes for its machines without a GPU
(github.com/googlecolab/backend-info, pip-freeze.txt, August 2026; Python 3.13). The tests that need an
environment made of that list skip unless COURSE_COLAB_ENV names its Python.
"""

from __future__ import annotations

import dataclasses
import http.server
import shutil
import threading
import tomllib
from pathlib import Path

import nbformat
import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from autograder.build.bundle import contents
from autograder.build.colab import head
from autograder.course import load_course
from tests.autograder.bank_class import ROOT
from tests.autograder.colab_kernel import (
    as_repository,
    colab_python,
    from_folder,
    overlay,
    pip_list,
    run_in_colab,
)
from tests.real import real

PYTHON = "3.13"
THERE = {
    "torch": "2.11.0+cpu",
    "torchvision": "0.26.0+cpu",
    "matplotlib": "3.10.0",
    "ipywidgets": "7.7.1",
    "tqdm": "4.67.3",
    "numpy": "2.1.3",
    "safetensors": "0.8.0",
    "scikit-learn": "1.6.1",
    "scipy": "1.16.3",
}
PACKAGE = "adversarial-selfsup-course"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
BASE = [Requirement(line) for line in PROJECT["dependencies"]]
COURSE = dataclasses.replace(load_course(ROOT), repository="owner/course")
ADDRESS = "https://github.com/owner/course"


def test_colabs_python_is_admitted():
    assert SpecifierSet(PROJECT["requires-python"]).contains(f"{PYTHON}.0")


@pytest.mark.parametrize("wanted", BASE, ids=str)
def test_what_the_course_asks_for_is_there_so_pip_replaces_nothing(wanted):
    """pip leaves alone what satisfies a requirement; so nothing may be asked for that Colab lacks."""
    assert wanted.name in THERE, f"Colab has no {wanted.name}: the set-up cell would install it"
    assert wanted.specifier.contains(THERE[wanted.name], prereleases=True)
    assert not wanted.extras, "an extra may ask for more than Colab has"
    assert wanted.marker is None
    assert wanted.url is None


@pytest.mark.parametrize("wanted", BASE, ids=str)
def test_no_requirement_forbids_a_newer_version_but_of_ipywidgets(wanted):
    """Colab moves on without asking; ipywidgets has broken its users with each major version."""
    upper = [one for one in wanted.specifier if one.operator not in (">=", "!=")]
    assert [str(one) for one in upper] == (["<9"] if wanted.name == "ipywidgets" else [])


@pytest.mark.real
def test_the_versions_written_here_are_the_published_ones():
    published = dict(
        line.strip().split("==")
        for line in real("colab", "pip-freeze.txt").read_text().splitlines()
        if "==" in line
    )
    assert {name: published[name] for name in THERE} == THERE


class TestSetUpCellInColabsEnvironment:
    """The cell as it stands in the notebooks, in the environment's kernel; git finds what lies here."""

    @pytest.fixture
    def python(self, tmp_path) -> Path:
        return overlay(colab_python(), tmp_path / "venv")

    @pytest.fixture
    def bundle(self, tmp_path) -> Path:
        """The package as `autograder release` hands it out, as a git repository."""
        folder = tmp_path / "course"
        for path, content in contents(COURSE, [*COURSE.labs]):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        return as_repository(folder)

    def cell(self, *more: str, repository: str = "owner/course"):
        course = dataclasses.replace(COURSE, repository=repository)
        set_up = head(course, COURSE.lab_notebooks / "x.ipynb")[-1]
        code = [nbformat.v4.new_code_cell(source) for source in more]
        return nbformat.v4.new_notebook(cells=[set_up, *code])

    def test_it_installs_the_package_changes_nothing_else_and_then_does_nothing(
        self, python, bundle
    ):
        before = pip_list(python)
        notebook = self.cell("import course_utils\nprint(course_utils.__file__)")
        run = run_in_colab(python, notebook, **from_folder(ADDRESS, bundle))
        assert run.errors == []
        assert str(python.parents[1]) in run.notebook.cells[1].outputs[0].text
        after = pip_list(python)
        assert {name: after[name] for name in before} == before
        # IPython 7.34 asks for jedi, Colab leaves it out: pip adds it with whatever needs IPython.
        assert {PACKAGE} <= set(after) - set(before) <= {PACKAGE, "jedi"}
        shutil.rmtree(bundle)
        again = run_in_colab(python, notebook, **from_folder(ADDRESS, bundle))
        assert again.errors == []
        assert again.notebook.cells[0].outputs == []

    def failed(self, python: Path, *cells: str, repository="owner/course", **variables: str) -> str:
        """What the cell shows where the package is not installed and can't be."""
        run = run_in_colab(python, self.cell(*cells, repository=repository), **variables)
        (shown,) = run.notebook.cells[0].outputs
        assert shown.output_type == "error"
        said = "\n".join(shown.traceback)
        assert "Traceback" not in said
        assert "subprocess.run" not in said
        return said

    def test_without_a_network_it_says_so_and_what_to_do(self, python):
        said = self.failed(
            python, https_proxy="http://127.0.0.1:9", http_proxy="http://127.0.0.1:9"
        )
        assert ADDRESS in said
        assert "run this cell again" in said
        assert "127.0.0.1 port 9" in said  # git's own words

    def test_a_private_repository_is_told_from_a_prompt_that_nobody_could_answer(self, python):
        with asks_for_a_password() as port:
            url = f"http://127.0.0.1:{port}/"
            said = self.failed(
                python,
                GIT_CONFIG_COUNT="1",
                GIT_CONFIG_KEY_0=f"url.{url}.insteadOf",
                GIT_CONFIG_VALUE_0="https://github.com/",
            )
        assert "the repository is private or gone" in said
        assert "%pip install ./NAME.zip" in said
        assert "could not read Username" in said

    def test_where_no_repository_is_known_the_message_names_the_bundle(self, python):
        assert "Upload the course's .zip" in self.failed(python, repository="")

    def test_the_uploaded_bundle_installs_as_the_message_says(self, python, bundle, tmp_path):
        shutil.rmtree(bundle / ".git")
        shutil.make_archive(str(tmp_path / "NAME"), "zip", tmp_path, "course")
        code = f"%cd -q {tmp_path}", "%pip install -q ./NAME.zip", "import course_utils"
        cells = [nbformat.v4.new_code_cell(source) for source in code]
        run = run_in_colab(python, nbformat.v4.new_notebook(cells=cells))
        assert run.errors == []


class asks_for_a_password:
    """A web server that answers as GitHub does for a private repository."""

    def __enter__(self) -> int:
        class Refuse(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="GitHub"')
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refuse)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self._server.server_port

    def __exit__(self, *_) -> None:
        self._server.shutdown()
        self._server.server_close()
