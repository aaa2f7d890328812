"""One function never ends; all others count."""

CODE = """\
while True:
    pass
"""


def submission(kit):
    name = kit.alone(5)
    work = kit.solved(**{name: kit.body(name, CODE)})
    return kit.hand_in(__name__, __doc__, work, [name], says="look for a loop that never ends")
