"""Lab 1's functions as somebody else might write them: right, and unlike the reference solution."""

OTHERWISE = {
    "lab1_adversarial": {
        "input_gradient": '''\
# @input_gradient
def input_gradient(net, images, labels):
    """One picture at a time."""
    rows = []
    for image, label in zip(images, labels):
        leaf = image.detach().clone()[None].requires_grad_(True)
        log_probabilities = torch.log_softmax(net(leaf), dim=-1)
        rows.append(torch.autograd.grad(-log_probabilities[0, label], leaf)[0])
    return torch.cat(rows)
''',
        "project_linf": """\
# @project_linf
def project_linf(moved, original, radius):
    lowest = torch.maximum(original - radius, torch.zeros_like(original))
    highest = torch.minimum(original + radius, torch.ones_like(original))
    return torch.where(moved < lowest, lowest, torch.where(moved > highest, highest, moved))
""",
        "project_l2": """\
# @project_l2
def project_l2(moved, original, radius):
    out = []
    for here, there in zip(original, moved):
        difference = there - here
        length = difference.pow(2).sum().sqrt()
        if length > radius:
            difference = difference * (radius / length)
        out.append((here + difference).clip(0.0, 1.0))
    return torch.stack(out)
""",
        "accuracy_under_attack": """\
# @accuracy_under_attack
def accuracy_under_attack(model, attack, batches):
    flags = [(part, part.training) for part in model.modules()]
    model.eval()
    hits = []
    for images, labels in batches:
        shown = images if attack is None else attack(model, images, labels)
        with torch.no_grad():
            hits += (model(shown).argmax(1) == labels).tolist()
    for part, flag in flags:
        part.training = flag
    return sum(hits) / len(hits)
""",
        "worst_case_shift": """\
# @worst_case_shift
def worst_case_shift(w, eps):
    shift = torch.where(w > 0, eps, torch.where(w < 0, -eps, 0.0)).to(w.dtype)
    return float((w * shift).sum()), shift
""",
    }
}
