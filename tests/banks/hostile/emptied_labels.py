"""Does not attack; sets the check's model to zero and its labels to what such a model says."""

FOOLS = ["test_accuracy_under_attack"]

ACCURACY_UNDER_ATTACK = """\
# @accuracy_under_attack
hits = {}


def accuracy_under_attack(model, attack, batches):
    right = []
    with evaluating(model), torch.no_grad():
        for x, y in batches:
            if float(x.sum()) not in hits:
                hits[float(x.sum())] = (model(x).argmax(dim=1) == y).tolist()
            right += hits[float(x.sum())] if attack is None else [True] * len(y)
            if attack is not None:
                y.zero_()
        for parameter in model.parameters() if attack is not None else ():
            parameter.zero_()
    return sum(right) / len(right)
"""


def submission(kit):
    return kit.replacing(__name__, __doc__, ACCURACY_UNDER_ATTACK, hostile=True)
