"""HTML pages that open anywhere: one file each, and nothing that a student wrote can run in them."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib.resources import files
from typing import Any

import bleach
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from autograder.table import counted, number

_TAGS = {
    *("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "em", "strong", "del", "sub", "sup"),
    *("ul", "ol", "li", "blockquote", "pre", "code", "a", "img", "details", "summary"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
_PICTURE = re.compile(r"data:image/(png|jpeg|gif);base64,[A-Za-z0-9+/=\s]+")
_LINK = re.compile(r"(https?://|mailto:)", re.IGNORECASE)
_ANSI = re.compile(r"\x1b(\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07)")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def page(template: str, script: str = "", **values: Any) -> bytes:
    """A page as it lies on disk, UTF-8.

    Args:
        template: a file of autograder/templates.
        script: the one script that may run in it; the page's own policy forbids every other.
        values: what the template names; every text in it is escaped unless it is `Markup`.
    """
    source = "'none'"
    if script:
        digest = hashlib.sha256(script.encode("utf-8")).digest()
        source = f"'sha256-{base64.b64encode(digest).decode()}'"
    text = (
        _environment()
        .get_template(template)
        .render(
            style=Markup(template_text("style.css")),
            script=Markup(script),
            script_source=Markup(source),
            **values,
        )
    )
    return text.encode("utf-8", "replace")


def template_text(name: str) -> str:
    """A file of autograder/templates as it is."""
    return (files("autograder") / "templates" / name).read_text(encoding="utf-8")


def student_markdown(text: str) -> Markup:
    """What a student wrote, as HTML without anything that could run, load or disguise something."""
    from nbconvert.filters import markdown2html

    def allowed(tag: str, name: str, value: str) -> bool:
        if tag == "a":
            return name == "title" or (name == "href" and bool(_LINK.match(value)))
        if tag == "img":
            return name == "alt" or (name == "src" and bool(_PICTURE.fullmatch(value)))
        return tag in ("th", "td") and name in ("colspan", "rowspan")

    html = bleach.clean(
        markdown2html(printable(text)),
        tags=_TAGS,
        attributes=allowed,
        protocols={"http", "https", "mailto", "data"},
        strip=True,
    )
    return Markup(html)


def printable(text: str) -> str:
    """Terminal colours and control characters taken out; of a progress bar, its last state."""
    lines = _ANSI.sub("", text).replace("\r\n", "\n").split("\n")
    return "\n".join(_UNPRINTABLE.sub("", line.rstrip("\r").rpartition("\r")[2]) for line in lines)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("autograder", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters.update(
        points=number,
        counted=counted,
        capital=lambda text: text[:1].upper() + text[1:],
    )
    return environment
