"""A bank is read as it is written: whole versions, and versions that are changes to a base."""

import pytest

from autograder.bank import read_bank
from autograder.course import CourseError

BASE = """\
# %% base: a loop
def total(numbers):
    result = 0
    for number in numbers:
        result += number

    return result
"""


def read(folder, text):
    (folder / "total.py").write_text(text, encoding="utf-8")
    (versions,) = read_bank(folder).values()
    return versions


def test_whole_versions_are_read_with_their_words(tmp_path):
    one, other = read(
        tmp_path,
        "# %% right: in one\ntotal = sum\n\n\n# %% wrong: none | says: it is 0\ntotal = len\n",
    )
    assert (one.function, one.right, one.title, one.says) == ("total", True, "in one", "")
    assert (other.right, other.title, other.says) == (False, "none", "it is 0")
    assert (one.code, other.code) == ("total = sum\n", "total = len\n")


def test_changes_are_made_to_the_base_above_and_the_base_is_no_version(tmp_path):
    first, second, third = read(
        tmp_path,
        BASE
        + """
# %% wrong: one is left out | says: the last one
# -    for number in numbers:
# +    for number in numbers[:-1]:

# %% wrong: starts at 1 and says nothing | says: needs a `return`
# -    result = 0
# +    result = 1
# -
# -    return result

# %% base: another
total = sum
# %% right: one more name
# -total = sum
# +add = sum
# +total = add
""",
    )
    loop = BASE.split("\n", 1)[1]
    assert first.code == loop.replace("in numbers:", "in numbers[:-1]:")
    assert second.code == loop.replace("= 0", "= 1").replace("\n    return result\n", "")
    assert third.code == "add = sum\ntotal = add\n"
    assert [one.right for one in (first, second, third)] == [False, False, True]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ("# -    nothing of the kind\n", "has 0 times, not once"),
        ("# -    result\n", "has 0 times"),  # only the beginning of a line
        ("# +    print(result)\n", "each run followed by"),
        ("# -    result = 0\n    result = 1\n", "each run followed by"),
    ],
)
def test_changes_that_do_not_fit_are_refused_by_name(tmp_path, changes, says):
    with pytest.raises(CourseError, match=says) as caught:
        read(tmp_path, f"{BASE}\n# %% wrong: unclear | says: no\n{changes}")
    assert "'unclear'" in str(caught.value)


def test_a_line_that_the_base_has_twice_needs_its_neighbour(tmp_path):
    twice = "# %% base: b\nx = 1\ny = 2\nx = 1\n"
    with pytest.raises(CourseError, match="2 times"):
        read(tmp_path, f"{twice}# %% right: r\n# -x = 1\n")
    (version,) = read(tmp_path, f"{twice}# %% right: r\n# -y = 2\n# -x = 1\n# +y = 3\n")
    assert version.code == "x = 1\ny = 3\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("total = sum\n", "has no line"),
        ("# %% wrong: none\ntotal = len\n", "does not say"),
        (BASE, "no version"),
    ],
)
def test_a_file_without_versions_or_words_is_refused(tmp_path, text, says):
    with pytest.raises(CourseError, match=says):
        read(tmp_path, text)
