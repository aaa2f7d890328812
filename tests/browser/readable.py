"""Whether a page can be read: nothing cut off, nothing beyond its panel, every text set off from its ground."""

from __future__ import annotations

THEMES = ("JupyterLab Dark", "JupyterLab Light")
NOTEBOOK = ".jp-NotebookPanel:not(.lm-mod-hidden) .jp-RenderedMarkdown, .jp-NotebookPanel:not(.lm-mod-hidden) .jp-OutputArea"
# Without the numbers of the outputs, which are JupyterLab's own.
TEXTS = NOTEBOOK.replace(".jp-OutputArea", ".jp-OutputArea-output")

# WCAG 2.2, 1.4.3: a contrast of 4.5 to 1 between a text and what lies behind it. Called with a CSS
# selector of what to look at; returns the texts that fall short, with their colours and contrast.
LOW_CONTRAST = """selector => {
    const pixel = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
    const known = new Map();
    const numbers = css => {  // any CSS colour as red, green, blue and opacity, 0 to 255
        if (!known.has(css)) {
            pixel.clearRect(0, 0, 1, 1);
            pixel.fillStyle = css;
            pixel.fillRect(0, 0, 1, 1);
            known.set(css, [...pixel.getImageData(0, 0, 1, 1).data]);
        }
        return known.get(css);
    };
    const over = (top, under) => under.map((v, i) => v + (top[i] - v) * top[3] / 255);
    const light = rgb => rgb.map(v => v / 255)
        .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const behind = one => {
        if (!one) return [255, 255, 255];
        const ground = numbers(getComputedStyle(one).backgroundColor);
        return ground[3] === 255 ? ground.slice(0, 3) : over(ground, behind(one.parentElement));
    };
    const low = new Set();
    for (const root of document.querySelectorAll(selector)) {
        for (const one of [root, ...root.querySelectorAll('*')]) {
            const own = [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim());
            if (!(own || one.matches('mjx-container')) || !one.checkVisibility()) continue;
            if (one.matches('svg title, svg desc, script, style, mjx-assistive-mml *')) continue;
            const style = getComputedStyle(one), ground = behind(one);
            const ink = over(numbers(one.closest('svg') ? style.fill : style.color), ground);
            const [a, b] = [light(ink), light(ground)].sort((x, y) => y - x);
            const ratio = (a + 0.05) / (b + 0.05);
            if (ratio < 4.5) {
                low.add(`${ratio.toFixed(2)}: ${ink.map(Math.round)} on ${ground.map(Math.round)}: `
                    + one.outerHTML.slice(0, 80));
            }
        }
    }
    return [...low];
}"""

# Texts and pictures that end beyond the box they are in, or that must be scrolled sideways to be seen
# whole. Called with a CSS selector of the boxes to look at.
CUT_OFF = """selector => {
    const told = new Set();
    for (const box of document.querySelectorAll(selector)) {
        const edge = box.getBoundingClientRect();
        for (const one of [box, ...box.querySelectorAll('*')]) {
            // what only a screen reader reads, and the parts that a slider and a drop-down list are made of
            if (one.closest('mjx-assistive-mml, svg, .noUi-target, option') || !one.checkVisibility()) continue;
            const style = getComputedStyle(one), place = one.getBoundingClientRect();
            if (place.width < 2) continue;
            const scrolls = style.display !== 'inline' && style.overflowX !== 'visible'
                && one.scrollWidth > one.clientWidth + 1;
            if (scrolls) told.add(`${one.scrollWidth} in ${one.clientWidth}: ${one.outerHTML.slice(0, 100)}`);
            if (place.right > edge.right + 1) {
                told.add(`${Math.round(place.right - edge.right)} beyond: ${one.outerHTML.slice(0, 100)}`);
            }
        }
    }
    return [...told];
}"""

UNFOLD = "document.querySelectorAll('.jp-Notebook details').forEach(one => { one.open = true; })"


def set_theme(page, theme: str) -> None:
    """Changes JupyterLab's theme as its Settings menu does."""
    page.evaluate(
        "theme => { jupyterapp.commands.execute('apputils:change-theme', {theme}); }", theme
    )
    # The theme's style sheet arrives after its name.
    page.wait_for_function(
        "([theme, dark]) => { const [red] = getComputedStyle(document.querySelector('.jp-Notebook'))"
        ".backgroundColor.match(/\\d+/g).map(Number);"
        " return document.body.dataset.jpThemeName === theme && (red < 128) === dark; }",
        arg=[theme, theme == "JupyterLab Dark"],
    )


def can_be_read(page, look=None) -> None:
    """A notebook fits its panel, and its texts stand out from their ground in both of JupyterLab's themes.

    Args:
        look: called with the theme's name while it is on, to take pictures.
    """
    page.evaluate(UNFOLD)
    assert page.locator(NOTEBOOK).count() > 5
    assert page.evaluate(CUT_OFF, NOTEBOOK) == []
    for theme in THEMES:
        set_theme(page, theme)
        assert page.evaluate(LOW_CONTRAST, TEXTS) == [], theme
        if look:
            look(theme)
