"""Calls the attack that the check hands over again and again, and never answers."""

ACCURACY_UNDER_ATTACK = """\
# @accuracy_under_attack
def accuracy_under_attack(model, attack, batches):
    if attack is None:
        return 10 / 11
    while True:
        for x, y in batches:
            attack(model, x, y)
"""


def submission(kit):
    return kit.replacing(__name__, __doc__, ACCURACY_UNDER_ATTACK, hostile=True)
