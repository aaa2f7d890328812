"""One function asks the user."""

CODE = """\
eps = input('eps? ')
"""


def submission(kit):
    name = kit.alone(1)
    work = kit.solved(**{name: kit.body(name, CODE)})
    return kit.hand_in(__name__, __doc__, work, [name], says="input() can't be used")
