"""Right work that displays objects and ends cells on values."""

CODE = """\
from IPython.display import HTML, Markdown, clear_output, display
display(HTML("<b>at it</b>"), Markdown("**at it**"))
clear_output()
"""


def submission(kit):
    name = kit.alone(1)
    work = kit.solved(**{name: kit.body(name, CODE)})
    return kit.hand_in(__name__, __doc__, work)
