"""The glossary's words in JupyterLab: what a linked word means shows under the mouse, and its link leads to its entry."""

from __future__ import annotations

import pytest

WORDS_IN_SIGHT = """() => {
    const panel = document.querySelector('.jp-WindowedPanel-outer').getBoundingClientRect();
    const headings = [...document.querySelectorAll('.jp-RenderedMarkdown h2')];
    const words = headings.find(h => h.textContent.startsWith('Words'))?.getBoundingClientRect();
    return words && words.top >= panel.top && words.bottom <= panel.bottom;
}"""


@pytest.mark.parametrize(
    ("notebook", "theme", "way"),
    [
        ("labs/lab1_adversarial.ipynb", "JupyterLab Light", "mouse"),
        ("labs/lab5_simclr.ipynb", "JupyterLab Dark", "keyboard"),
    ],
)
def test_a_linked_word_tells_what_it_means_and_leads_to_the_words(
    open_notebook, screenshot, notebook, theme, way
):
    with open_notebook(notebook, theme) as page:
        link = page.locator(".jp-RenderedMarkdown a[href='#scrollTo=glossary-words']").first
        link.scroll_into_view_if_needed()
        meaning = link.get_attribute("title")
        assert len(meaning.split()) > 5
        assert not page.evaluate(WORDS_IN_SIGHT)
        screenshot(page, "link")
        if way == "mouse":
            link.click()
        else:
            link.focus()
            page.keyboard.press("Enter")
        page.wait_for_function(WORDS_IN_SIGHT)
        # The entry says what the mouse shows.
        assert page.locator(".jp-RenderedMarkdown li", has_text=meaning).count() == 1
        assert len(page.context.pages) == 1  # no other tab was opened
        screenshot(page, "words")
