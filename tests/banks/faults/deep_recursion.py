"""One function calls itself without end."""

CODE = """\
def deeper(n):
    return deeper(n + 1)
deeper(0)
"""


def submission(kit):
    name = kit.alone(1)
    work = kit.solved(**{name: kit.body(name, CODE)})
    return kit.hand_in(__name__, __doc__, work, [name], says="RecursionError")
