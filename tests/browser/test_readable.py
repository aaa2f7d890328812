"""What the checks for readable pages find: made-up pages that can't be read, and one that can."""

from __future__ import annotations

import pytest

from tests.browser.conftest import new_page
from tests.browser.readable import CUT_OFF, LOW_CONTRAST

GROUND = "background:#111;color:#eee"


@pytest.fixture(scope="module")
def page(browser):
    with new_page(browser) as page:
        yield page


def found(page, check: str, inside: str) -> list[str]:
    page.set_content(f"<main style='width:400px;{GROUND}'>{inside}</main>")
    return page.evaluate(check, "main")


@pytest.mark.parametrize(
    ("style", "low"),
    [
        ("", False),
        ("color:#666", True),
        ("color:#fff;opacity:1;background:rgba(255,255,255,0.9)", True),
        ("color:rgba(238,238,238,0.3)", True),
        ("color:color(srgb 0.9 0.9 0.9)", False),
        ("color:#222;background:#fff", False),
        ("color:#666;display:none", False),
    ],
)
def test_a_text_is_found_that_its_ground_swallows(page, style, low):
    told = found(page, LOW_CONTRAST, f"<p>before</p><p style='{style}'>a text</p>")
    assert len(told) == low
    assert all("a text" in one for one in told)


@pytest.mark.parametrize(
    ("inside", "cut"),
    [
        ("<p>a text that is broken into as many lines as it needs, whatever they are</p>", 0),
        ("<img style='width:900px;max-width:100%;height:9px'>", 0),
        ("<img style='width:900px;height:9px'>", 1),
        ("<div style='overflow-x:auto'><div style='width:900px'>x</div></div>", 2),
        ("<label style='display:block;overflow:hidden;width:2em;white-space:nowrap'>eps, in 1/255</label>", 1),
    ],
)  # fmt: skip
def test_what_is_cut_off_or_must_be_scrolled_to_is_found(page, inside, cut):
    assert len(found(page, CUT_OFF, inside)) == cut
