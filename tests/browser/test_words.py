"""The glossary's words in JupyterLab: what a linked word means shows under the mouse, a click finds its entry."""

from __future__ import annotations

import pytest

HOW_FAR = """() => {
    const words = [...document.querySelectorAll('.jp-RenderedMarkdown h2')].find(h => h.textContent.startsWith('Words'));
    const page = document.querySelector('.jp-WindowedPanel-outer').getBoundingClientRect();
    const place = words?.getBoundingClientRect();
    return place && place.top >= page.top && place.bottom <= page.bottom;
}"""


@pytest.mark.parametrize(
    ("notebook", "theme"),
    [
        ("labs/lab1_adversarial.ipynb", "JupyterLab Light"),
        ("labs/lab5_simclr.ipynb", "JupyterLab Dark"),
    ],
)
@pytest.mark.parametrize("way", ["mouse", "keyboard"])
def test_a_linked_word_tells_what_it_means_and_leads_to_the_words(
    open_notebook, screenshot, notebook, theme, way
):
    page = open_notebook(notebook, theme)
    link = page.locator(".jp-RenderedMarkdown a[href='#scrollTo=glossary-words']").first
    link.scroll_into_view_if_needed()
    meaning = link.get_attribute("title")
    assert len(meaning.split()) > 5
    assert not page.evaluate(HOW_FAR)
    screenshot(page, f"{way}-link")
    if way == "mouse":
        link.click()
    else:
        link.focus()
        page.keyboard.press("Enter")
    page.wait_for_function(HOW_FAR)
    # the entry says what the mouse showed
    assert meaning in page.locator(".jp-RenderedMarkdown", has_text="Words").last.inner_text()
    assert len(page.context.pages) == 1  # no other tab was opened
    screenshot(page, f"{way}-words")
