"""A lab's demonstration is run while grading exactly when something that counts depends on it."""

from __future__ import annotations

import pytest

from autograder.needed import dispensable

SOLUTION = "def f(x):\n    y = helper(x)\n    return y"
PLOT = "import plots\nfigure = plots.draw(f(3))\nfigure"


def kept(*codes: str, demonstrations: set[int]) -> set[int]:
    return demonstrations - dispensable(codes, demonstrations)


def test_a_demonstration_that_nothing_uses_is_left_out():
    assert kept(SOLUTION, PLOT, "assert f(1)", demonstrations={1}) == set()


@pytest.mark.parametrize(
    "user",
    [
        "print(figure)",
        "def g():\n    return figure",
        "class A:\n    shown = figure",
        "[figure for _ in ()]",
        "figure += 1",
        "lambda: figure",
        "%time figure",
    ],
)
def test_one_whose_name_is_used_is_run(user):
    assert kept(SOLUTION, PLOT, user, demonstrations={1}) == {1}


def test_a_local_variable_of_the_same_name_is_no_use():
    local = "def g(a):\n    figure = a\n    return figure"
    assert kept(local, PLOT, demonstrations={1}) == set()


def test_what_a_needed_one_needs_is_run_too():
    chain = ["a = 1", "b = a", "c = b", "d = 0", "print(c)"]
    assert kept(*chain, demonstrations={0, 1, 2, 3}) == {0, 1, 2}


@pytest.mark.parametrize("odd", ["%matplotlib inline", "from math import *", "!ls", "def broken("])
def test_one_that_can_not_be_understood_is_run(odd):
    assert kept(SOLUTION, odd, demonstrations={1}) == {1}


def test_names_bound_from_within_functions_count():
    assert kept("def set_it():\n    global a\n    a = 1\nset_it()", "a", demonstrations={0}) == {0}
