"""From a text file to everything that people touch: student notebooks, lectures, nbgrader's course."""

from __future__ import annotations

from pathlib import Path

from autograder.build.cells import BuildRefused
from autograder.build.colab import repository_for
from autograder.build.register import register
from autograder.build.source import instructor_notebook
from autograder.course import Course

__all__ = ["BuildRefused", "ensure_built"]


def ensure_built(course: Course, lab: str) -> Path:
    """The instructor's notebook of a lab in the nbgrader course, built first where it is not up to date."""
    course.lab(lab)
    notebook = course.lab_notebooks / f"{lab}.ipynb"
    repository = repository_for(course, notebook, check=False)
    instructor = instructor_notebook(course, course.lab_sources / f"{lab}.py", notebook, repository)
    return register(course, lab, instructor)
