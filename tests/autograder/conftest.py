"""The tiny course, built once, for tests that grade with it."""

from __future__ import annotations

import dataclasses
import shutil
import sys
from pathlib import Path

import nbformat
import pytest

from autograder import cli
from autograder.build import ensure_built, make_lab
from autograder.course import Course, Limits, load_course
from autograder.results import Job
from tests.autograder.tiny import LAB, copy_course, quiet


@pytest.fixture(scope="session")
def tiny_notebooks(tmp_path_factory):
    """Both versions of the tiny lab."""
    return make_lab(copy_course(tmp_path_factory.mktemp("notebooks") / "course"), LAB)


@pytest.fixture(scope="session")
def _built_course(tmp_path_factory) -> Path:
    course = copy_course(tmp_path_factory.mktemp("built") / "course")
    ensure_built(course, LAB, quiet)
    return course.home


@pytest.fixture
def built(_built_course, tmp_path) -> Course:
    """A tiny course of the test's own, built and verified."""
    shutil.copytree(_built_course, tmp_path / "course")
    return load_course(tmp_path / "course")


@pytest.fixture
def run(built, monkeypatch, capsys):
    """(arguments) -> (exit status, stdout, stderr), in the built course's folder."""
    monkeypatch.chdir(built.home)

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["autograder", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return (ended.value.code or 0, *capsys.readouterr())

    return run


@pytest.fixture
def make_job(tiny_notebooks):
    """(submission as a notebook or bytes, limits…) -> a Job of the tiny lab."""
    assignment = nbformat.writes(tiny_notebooks.instructor, version=4).encode()

    def make(submission, student: str = "ana", **limits: float) -> Job:
        if not isinstance(submission, bytes | None):
            submission = nbformat.writes(submission, version=4).encode()
        few = Limits(cell_seconds=5, notebook_seconds=60, memory_mb=600, processes=60)
        return Job(student, LAB, submission, assignment, dataclasses.replace(few, **limits))

    return make
