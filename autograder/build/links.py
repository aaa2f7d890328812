"""Links that open a notebook on a JupyterHub, by way of nbgitpuller (https://nbgitpuller.readthedocs.io)."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote, urlencode

from autograder.build.lectures import lecture_names
from autograder.course import Course


def puller_link(course: Course, notebook: str) -> str:
    """The link that brings the public repository to whoever follows it, and opens one notebook there.

    It works for every account of the hub; what somebody has changed in their copy is kept.

    Args:
        notebook: path in the public repository, as `notebooks/labs/lab1_adversarial.ipynb`.

    Returns:
        The link; empty where course.toml has no `hub` or no `repository`.
    """
    if not (course.hub and course.repository):
        return ""
    folder = course.repository.rpartition("/")[2]  # nbgitpuller's own choice
    asked = {
        "repo": f"https://github.com/{course.repository}",
        "branch": course.branch,
        "urlpath": "lab/tree/" + quote(f"{folder}/{notebook}"),
    }
    return f"{course.hub}/hub/user-redirect/git-pull?{urlencode(asked, quote_via=quote, safe='')}"


def links_of(course: Course, labs: list[str]) -> list[str]:
    """A link for each of these labs and for every lecture; none without a hub."""
    notebooks = [course.lab_notebooks / f"{lab}.ipynb" for lab in labs]
    notebooks += [course.lecture_notebooks / f"{name}.ipynb" for name in lecture_names(course)]
    links = [puller_link(course, _in_repository(course, path)) for path in notebooks]
    return [link for link in links if link]


def _in_repository(course: Course, path: Path) -> str:
    return path.relative_to(course.home).as_posix()
