"""Right work that plots from within a function."""

CODE = """\
import matplotlib.pyplot as plt
plt.figure()
plt.plot([0, 1], [0, 1])
plt.show()
"""


def submission(kit):
    name = kit.alone(0)
    work = kit.solved(**{name: kit.body(name, CODE)})
    return kit.hand_in(__name__, __doc__, work)
