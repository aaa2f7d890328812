"""One function takes memory without end."""

CODE = """\
kept = []
while True:
    kept.append(bytearray(50_000_000))
"""


def submission(kit):
    name = kit.alone(5)
    work = kit.solved(**{name: kit.body(name, CODE)})
    return kit.hand_in(__name__, __doc__, work, [name], says="memory")
