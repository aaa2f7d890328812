"""The course's own files are found inside an installed package and beside a checkout alike."""

import pytest

from course_utils import _shipped, results
from course_utils.data import sources
from course_utils.models import zoo


@pytest.fixture
def places(tmp_path, monkeypatch):
    found = tmp_path / "inside", tmp_path / "beside"
    monkeypatch.setattr(_shipped, "PLACES", found)
    return found


def test_a_file_inside_the_package_comes_before_one_beside_it(places):
    inside, beside = places
    for place in (beside, inside):
        place.mkdir()
        (place / "world.md").write_text(f"# {place.name}", encoding="utf-8")
        assert _shipped.path("world.md") == place / "world.md"
    assert sources.card("world") == "# inside"


def test_a_place_that_lacks_a_file_is_passed_over(places):
    inside, beside = places
    inside.mkdir()
    (beside / "zoo").mkdir(parents=True)
    assert zoo.folder() == beside / "zoo"


def test_what_is_nowhere_belongs_where_a_checkout_has_it(places):
    _, beside = places
    assert results.folder() == beside / "results"
    with pytest.raises(FileNotFoundError, match=r"nothing\.md"):
        sources.card("nothing")


def test_signs_have_a_card_even_where_none_came_along(places):
    from course_utils.data.signs.splits import _card

    assert _card().startswith("# Road signs")
