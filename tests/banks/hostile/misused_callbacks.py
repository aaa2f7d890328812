"""Calls what the check hands over with arguments that it was not made for, so that the check itself fails."""

ACCURACY_UNDER_ATTACK = """\
# @accuracy_under_attack
def accuracy_under_attack(model, attack, batches):
    if attack is None:
        return 10 / 11
    attack(None, [], "y")
"""


def submission(kit):
    return kit.replacing(__name__, __doc__, ACCURACY_UNDER_ATTACK, hostile=True)
