"""Its errors and outputs are made to be run by whoever shows them: HTML, formulas of spreadsheets, marks of terminals."""

WORST_CASE_SHIFT = r"""# @worst_case_shift
TEXTS = [
    "<script>document.title = 'mine'</script><img src=x onerror=alert(1)>",
    "=HYPERLINK(\"http://198.51.100.7/\", \"your score\")",
    "[/red] [link=http://198.51.100.7/]100 of 100[/link] {{ 7 * 7 }} {% raw %}",
    "\x1b[2J\x1b]0;full marks\x07\x1b[31m\x9b5m \u202e001 fo 001\u2028 \x00 \ufeff",
    "'); DROP TABLE grade; -- \r\n\r\nSet-Cookie: mine",
]


def worst_case_shift(w, eps):
    print(*TEXTS)
    raise ValueError("\n".join(TEXTS))
"""


def submission(kit):
    return kit.replacing(__name__, __doc__, WORST_CASE_SHIFT, hostile=True)
