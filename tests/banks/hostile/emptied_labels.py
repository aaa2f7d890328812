"""Does not attack at all, and writes over the labels, so that the check compares with nothing."""

FOOLS = ["test_accuracy_under_attack"]

ACCURACY_UNDER_ATTACK = """\
# @accuracy_under_attack
def accuracy_under_attack(model, attack, batches):
    right = total = 0
    kept = globals().setdefault("kept_labels", {})
    with evaluating(model), torch.no_grad():
        for x, y in batches:
            labels = kept.setdefault(float(x.sum()), y.clone())
            if attack is not None:
                y.fill_(-1)  # nothing is right any more, whatever the attack does
            right += (model(x).argmax(dim=1) == y).sum().item() if attack else (model(x).argmax(dim=1) == labels).sum().item()
            total += len(y)
    return right / total
"""


def submission(kit):
    work = kit.solved(accuracy_under_attack=ACCURACY_UNDER_ATTACK)
    return kit.hand_in(__name__, __doc__, work, ["accuracy_under_attack"], hostile=True)
