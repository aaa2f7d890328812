"""What the contract of the six labs sends over the line: each kind of function, right and wrong.

The functions are the shortest that keep the contract, the checks what a lab's check would do with
them; every check is also run in one process, as Jupyter's Validate would run it.
"""

import pytest
import torch

from tests.autograder.line import in_one_process, session

IMPORTS = "import torch, torch.nn as nn, torch.nn.functional as F\n"

LAB2 = {
    "adversarial_training_step": """
def adversarial_training_step(model, optimizer, x, y, attack):
    model.eval()
    x_adv = attack(model, x, y)
    model.train()
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x_adv), y)
    loss.backward()
    optimizer.step()
    return loss.item()
""",
    "paste_patch": """
def paste_patch(x, patch, angle, scale, shift):
    cos, sin = torch.cos(angle) / scale, torch.sin(angle) / scale
    theta = torch.stack([torch.stack([cos, -sin, 0 * cos], 1), torch.stack([sin, cos, 0 * cos], 1)], 1)
    theta = torch.cat([theta[:, :, :2], -theta[:, :, :2] @ shift[:, :, None]], 2)
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)
    many = patch.expand(len(x), *patch.shape)
    mask = F.grid_sample(torch.ones_like(many), grid, align_corners=False)
    return x * (1 - mask) + F.grid_sample(many, grid, align_corners=False)
""",
    "eot_gradient": """
def eot_gradient(model, x, y, transforms):
    total = 0
    for transform in transforms:
        z = x.detach().clone().requires_grad_()
        total = total + torch.autograd.grad(F.cross_entropy(model(transform(z)), y, reduction="sum"), z)[0]
    return total / len(transforms)
""",
    "worst_group_accuracy": """
def worst_group_accuracy(predictions, labels, groups):
    right = predictions == labels
    table = {int(g): right[groups == g].double().mean().item() for g in groups.unique()}
    return table, min(table.values())
""",
    "train_patch": """
def train_patch(model, batches, target, size, steps, lr, generator=None):
    patch = torch.rand(3, size, size, generator=generator, dtype=torch.float64)
    seen = 0
    while seen < steps:
        for x, y in batches:
            if seen == steps:
                break
            z = x.clone()
            patch.requires_grad_()
            z[:, :, :size, :size] = patch
            (g,) = torch.autograd.grad(F.cross_entropy(model(z), torch.full_like(y, target)), patch)
            patch = (patch.detach() - lr * g.sign()).clamp(0, 1)
            seen += 1
    return patch
""",
}

LAB2_CHECKS = {
    "a training step with an attack of the check's own": """
from course_utils import check
@check.promise
def one_step():
    '''The step is the optimizer's on the attacked batch.'''
    import copy, torch
    from torch.nn.functional import cross_entropy
    for make in (lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.01), lambda p: torch.optim.Adam(p, lr=0.01)):
        model, (x, y) = check.tiny_classifier(fragile=True), check.tiny_batch(6)
        twin = copy.deepcopy(model)
        optimizer, other = make(model.parameters()), make(twin.parameters())
        modes = []
        def attack(model, x, y):
            modes.append(model.training)
            cross_entropy(model(x), y).backward()  # leaves gradients behind
            return 1 - x
        torch.manual_seed(0)
        model.drop.p = twin.drop.p = 0.0
        with check.changing(model, optimizer):
            for _ in range(3):
                loss = check.number(adversarial_training_step(model, optimizer, x, y, attack))
        for _ in range(3):
            twin.train()
            other.zero_grad()
            expected = cross_entropy(twin(1 - x), y)
            expected.backward()
            other.step()
        check.that(modes == [False] * 3, "the attack has to see the model in eval mode")
        check.that(model.training, "train mode is left on")
        check.close(loss, expected.item(), what="the loss")
        for one, two in zip(model.parameters(), twin.parameters()):
            check.close(one, two, what="a parameter", atol=1e-9)
        check.close(model.norm.running_mean, twin.norm.running_mean, what="the running mean")
""",
    "gradients come back through a patch": """
from course_utils import check
@check.promise
def differentiable():
    '''The patch gets a gradient.'''
    import torch
    x = torch.rand(2, 3, 16, 16, dtype=torch.float64)
    patch = torch.rand(3, 16, 16, dtype=torch.float64, requires_grad=True)
    turn, scale = torch.zeros(2, dtype=torch.float64), torch.full((2,), 0.5, dtype=torch.float64)
    pasted = check.tensor(paste_patch(x, patch, turn, scale, torch.zeros(2, 2, dtype=torch.float64)), like=x, differentiable=True)
    check.that(pasted.requires_grad, "the result has to carry the patch's graph")
    pasted[:, 0].sum().backward()
    check.that(patch.grad is not None and bool(patch.grad[0].abs().sum() > 0), "the patch gets no gradient")
    check.close(patch.grad[1], torch.zeros(16, 16), what="the gradient of a channel that is not asked for")
    check.that(torch.autograd.gradcheck(lambda p: paste_patch(x[:1], p, turn[:1], scale[:1], torch.zeros(1, 2, dtype=torch.float64)), (patch.detach()[:, :16, :16].requires_grad_(),), fast_mode=True), "gradcheck")
""",
    "gradients pass through transforms of the check's own": """
from course_utils import check
@check.promise
def through_transforms():
    '''The mean of the gradients.'''
    import torch
    from torch.nn.functional import cross_entropy
    model, (x, y) = check.tiny_classifier(), check.tiny_batch(3)
    transforms = [lambda z: z.flip(3), lambda z: 0.5 * z, lambda z: z.roll(1, 2) ** 2]
    z = x.clone().requires_grad_()
    loss = sum(cross_entropy(model(t(z)), y, reduction="sum") for t in transforms) / 3
    (expected,) = torch.autograd.grad(loss, z)
    with check.unchanged(model, x, y):
        answer = eot_gradient(model, x, y, transforms)
    check.close(check.tensor(answer, like=x), expected, what="the gradient", atol=1e-9)
    linear = lambda z: z.flatten(1)[:, :4] * 2  # a model that is only a function
    check.tensor(eot_gradient(linear, x, y, transforms), like=x)
""",
    "dictionaries and pairs": """
from course_utils import check
import torch
groups = torch.tensor([0, 0, 2, 2])
table, worst = check.tuple_of(worst_group_accuracy(torch.tensor([1, 1, 0, 1]), torch.tensor([1, 0, 1, 1]), groups), ("table", "worst"))
assert table == {0: 0.5, 2: 0.5} and worst == 0.5 and type(worst) is float
""",
    "batches that are cycled through, a generator that is drawn from": """
from course_utils import check
@check.promise
def same_seed_same_patch():
    '''The same seed gives the same patch.'''
    import torch
    model, (x, y) = check.tiny_classifier(), check.tiny_batch(7)
    class Batches:
        def __iter__(self):
            yield x[:4], y[:4]
            yield x[4:], y[4:]
    make = lambda seed: check.tensor(train_patch(model, Batches(), 1, 3, 5, 0.1, generator=torch.Generator().manual_seed(seed)), shape=(3, 3, 3))
    check.close(make(1), make(1), what="the patch")
    check.that(not torch.equal(make(1), make(2)), "another seed, another patch")
    generator = torch.Generator().manual_seed(1)
    first = train_patch(model, Batches(), 1, 3, 0, 0.1, generator=generator)
    again = train_patch(model, Batches(), 1, 3, 0, 0.1, generator=generator)
    check.that(not torch.equal(first, again), "the generator has to move on")
""",
}

LAB3 = {
    "RotationNet": """
class RotationNet(nn.Module):
    def __init__(self, encoder, feature_dim):
        super().__init__()
        self.encoder = encoder
        self.head = nn.Linear(feature_dim, 4, dtype=torch.float64)
    def forward(self, x):
        return self.head(self.encoder(x))
""",
    "pretext_step": """
def pretext_step(model, optimizer, x):
    x = torch.cat([x.rot90(k, (2, 3)) for k in range(4)])
    y = torch.arange(4).repeat_interleave(len(x) // 4)
    model.train()
    optimizer.zero_grad()
    logits = model(x)
    loss = F.cross_entropy(logits, y)
    loss.backward()
    optimizer.step()
    return loss.item(), (logits.argmax(1) == y).double().mean().item()
""",
    "extract_features": """
def extract_features(encoder, batches):
    flags = [(m, m.training) for m in encoder.modules()]
    encoder.eval()
    with torch.no_grad():
        found = [(encoder(x), y) for x, y in batches]
    for m, flag in flags:
        m.training = flag
    return torch.cat([f for f, _ in found]), torch.cat([y for _, y in found])
""",
    "upside_down": """
def upside_down(model, x):
    with torch.no_grad():
        logits = model(x)
    return logits[:, 2] > logits[:, 0]
""",
    "neighbour_offset": """
def neighbour_offset(position):
    if not 0 <= position < 8:
        raise ValueError(f"position {position} is outside 0..7")
    place = position + (position > 3)
    return place // 3 - 1, place % 3 - 1
""",
    "PatchNet": """
class PatchNet(nn.Module):
    def __init__(self, encoder, feature_dim):
        super().__init__()
        self.encoder = encoder
        self.head = nn.Linear(2 * feature_dim, 8, dtype=torch.float64)
    def forward(self, centre, neighbour):
        return self.head(torch.cat([self.encoder(centre), self.encoder(neighbour)], 1))
""",
}

_ENCODER = """
    def encoder_of(seed):
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            return nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.Tanh(), nn.AdaptiveAvgPool2d(1), nn.Flatten()).double()
"""

LAB3_CHECKS = {
    "a class of the student's": """
from course_utils import check
@check.promise
def the_encoder_is_the_one_given():
    '''Logits of four classes from the encoder that was given.'''
    import torch
    from torch import nn
    from torch.nn.functional import cross_entropy
"""
    + _ENCODER
    + """
    encoder = encoder_of(0)
    net = RotationNet(encoder, 4)
    check.that(isinstance(net, nn.Module) and isinstance(net, RotationNet) and issubclass(RotationNet, nn.Module), "an nn.Module")
    check.that(net.encoder is encoder, "self.encoder has to be the encoder itself")
    x = torch.rand(3, 3, 8, 8, dtype=torch.float64)
    logits = check.tensor(net(x), shape=(3, 4), differentiable=True)
    names = {name for name, _ in net.named_parameters()}
    check.that({"encoder.0.weight", "head.weight", "head.bias"} <= names, f"parameters {names}")
    cross_entropy(logits, torch.tensor([0, 1, 2])).backward()
    check.that(all(p.grad is not None and bool(p.grad.abs().sum() > 0) for n, p in net.named_parameters() if n != "encoder.0.bias"), "every parameter gets a gradient")
    check.close(net.head(encoder(x)), net(x), what="the logits", atol=1e-9)
    with torch.no_grad():
        net.head.weight.zero_()
        net.head.bias.fill_(1.0)
    check.close(net(x), torch.ones(3, 4), what="the logits of an empty head")
    net.eval()
    check.that(not net.training and not encoder.training, "eval reaches the encoder")
    check.close(net(x[:1]), net(x)[:1], what="the logits of one picture in eval mode")
""",
    "an optimizer of the student's class": """
from course_utils import check
@check.promise
def training_lowers_the_loss():
    '''Ten steps lower the loss.'''
    import torch
    from torch import nn
"""
    + _ENCODER
    + """
    net = RotationNet(encoder_of(1), 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.5)
    x = torch.rand(6, 3, 8, 8, dtype=torch.float64)
    before = [p.detach().clone() for p in net.parameters()]
    with check.changing(net, optimizer):
        losses = [check.tuple_of(pretext_step(net, optimizer, x), ("loss", "accuracy"))[0] for _ in range(10)]
    check.that(losses[-1] < losses[0], f"the loss went from {losses[0]} to {losses[-1]}")
    check.that(any(not torch.equal(a, b) for a, b in zip(before, net.parameters())), "nothing was learned")
    answer = check.tensor(upside_down(net, x), shape=(6,), dtype=torch.bool)
    logits = net(x)
    check.that(torch.equal(answer, logits[:, 2] > logits[:, 0]), "180 degrees likelier than 0")
""",
    "features in order, flags back": """
from course_utils import check
@check.promise
def features():
    '''Order kept, no graph, every flag back.'''
    import torch
    from torch import nn
"""
    + _ENCODER
    + """
    encoder = encoder_of(2).train()
    encoder[1].eval()
    x, y = torch.rand(7, 3, 8, 8, dtype=torch.float64), torch.arange(7)
    with check.unchanged(encoder, x, y):
        features, labels = check.tuple_of(extract_features(encoder, ((x[i:i + 3], y[i:i + 3]) for i in range(0, 7, 3))), ("features", "labels"))
    check.that(torch.equal(labels, y), "the order")
    check.close(check.tensor(features, shape=(7, 4)), encoder.eval()(x), what="the features")
""",
    "errors that are asked for": """
import pytest
assert neighbour_offset(0) == (-1, -1) and neighbour_offset(7) == (1, 1)
for outside in (-1, 8):
    with pytest.raises(ValueError, match="outside"):
        neighbour_offset(outside)
from course_utils import check
@check.promise
def refused():
    '''There is no position 8, and position 0 is said to be one.'''
    check.raises(ValueError, neighbour_offset, 8, what="position 8", because="it does not exist")
    try:
        check.raises(ValueError, neighbour_offset, 0, what="position 0", because="there is one")
    except AssertionError as failure:
        check.that(str(failure) == "position 0 gives (-1, -1), but there is one: raise ValueError", str(failure))
""",
    "two inputs": """
import torch
from torch import nn
encoder = nn.Sequential(nn.Flatten(), nn.Linear(12, 5)).double()
net = PatchNet(encoder, 5)
a, b = torch.rand(2, 3, 2, 2).double(), torch.rand(2, 3, 2, 2).double()
assert net(a, b).shape == (2, 8)
assert torch.allclose(net(a, b), net.head(torch.cat([encoder(a), encoder(b)], 1)))
""",
}

LAB5 = {
    "two_views": "def two_views(x, augment):\n    return augment(x), augment(x)\n",
    "nt_xent": """
def nt_xent(z1, z2, temperature):
    z = F.normalize(torch.cat([z1, z2]).float() if z1.dtype == torch.float16 else torch.cat([z1, z2]), dim=1)
    s = (z @ z.T / temperature).fill_diagonal_(float("-inf"))
    n = len(z1)
    return F.cross_entropy(s, torch.cat([torch.arange(n, 2 * n), torch.arange(n)]))
""",
    "ProjectionHead": """
class ProjectionHead(nn.Sequential):
    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__(nn.Linear(in_dim, hidden_dim), nn.ReLU(), nn.Linear(hidden_dim, out_dim))
""",
    "simclr_step": """
def simclr_step(encoder, head, optimizer, x, augment, temperature):
    encoder.train(), head.train()
    a, b = two_views(x, augment)
    z1, z2 = head(encoder(torch.cat([a, b]))).chunk(2)
    loss = nt_xent(z1, z2, temperature)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
""",
    "knn_accuracy": """
def knn_accuracy(train_features, train_labels, test_features, test_labels, k):
    import numpy as np
    near = (F.normalize(test_features, dim=1) @ F.normalize(train_features, dim=1).T).topk(k).indices
    return np.float64((train_labels[near].mode(dim=1).values == test_labels).double().mean().item())
""",
}

LAB5_CHECKS = {
    "two independent calls": """
import torch
calls = []
def augment(x):
    calls.append(x.shape)
    return x + len(calls)
x = torch.zeros(2, 3, 4, 4)
one, two = two_views(x, augment)
assert len(calls) == 2 and torch.equal(one, x + 1) and torch.equal(two, x + 2)
""",
    "the loss in half precision and at low temperature": """
import math, torch
z = torch.tensor([[1.0, 0.0], [0.0, 1.0]], dtype=torch.float64)
assert abs(nt_xent(z, z, 0.5).item() - math.log(1 + 2 * math.exp(-2))) < 1e-9
a = torch.randn(4, 8, dtype=torch.float64, requires_grad=True)
b = torch.randn(4, 8, dtype=torch.float64)
nt_xent(a, b, 0.01).backward()
assert torch.isfinite(a.grad).all() and a.grad.abs().sum() > 0
assert torch.isfinite(nt_xent(a.detach().half(), b.half(), 0.1))
""",
    "a step with the student's head and the check's encoder": """
from course_utils import check
@check.promise
def learns():
    '''The loss falls, and encoder and head both learn.'''
    import torch
    from torch import nn
    encoder = nn.Sequential(nn.Flatten(), nn.Linear(12, 6)).double()
    head = ProjectionHead(6, 5, 4)
    with torch.no_grad():
        shapes = [tuple(p.shape) for p in head.parameters()]
    check.that(shapes == [(5, 6), (5,), (4, 5), (4,)], f"{shapes}")
    head.double()
    optimizer = torch.optim.Adam([*encoder.parameters(), *head.parameters()], lr=0.02)
    x = torch.rand(8, 3, 2, 2, dtype=torch.float64)
    before = encoder[1].weight.detach().clone()
    generator = torch.Generator().manual_seed(0)
    augment = lambda x: x + 0.05 * torch.randn(x.shape, generator=generator, dtype=x.dtype)
    with check.changing(encoder, head, optimizer):
        losses = [check.number(simclr_step(encoder, head, optimizer, x, augment, 0.5)) for _ in range(15)]
    check.that(losses[-1] < losses[0] - 0.05, f"{losses[0]} to {losses[-1]}")
    check.that(not torch.equal(before, encoder[1].weight), "the encoder learns")
""",
    "numbers of NumPy's": """
import torch
from course_utils import check
f, y = torch.eye(4), torch.arange(4)
assert check.number(knn_accuracy(f, y, f, y, 1)) == 1.0
""",
}

KINDS = {"RotationNet": "class", "PatchNet": "class", "ProjectionHead": "class"}
LABS = {
    "lab 2": (LAB2, LAB2_CHECKS),
    "labs 3 and 4": (LAB3, LAB3_CHECKS),
    "lab 5": (LAB5, LAB5_CHECKS),
}


@pytest.mark.parametrize("lab", LABS)
def test_right_functions_pass_over_the_line_as_they_do_in_one_process(lab):
    functions, checks = LABS[lab]
    names = {name: KINDS.get(name, "function") for name in functions}
    with session(IMPORTS, *functions.values(), names=names) as checker:
        over_the_line = {
            title: checker.check("c", source)["message"] for title, source in checks.items()
        }
    assert over_the_line == dict.fromkeys(checks, "")
    assert in_one_process([IMPORTS, *functions.values()], checks) == dict.fromkeys(checks, "")


WRONG = {
    "the attack sees train mode": (
        LAB2["adversarial_training_step"].replace("model.eval()\n", "model.train()\n"),
        "a training step with an attack of the check's own",
        "eval mode",
    ),
    "the attack's gradients are left in": (
        LAB2["adversarial_training_step"].replace("    optimizer.zero_grad()\n", ""),
        "a training step with an attack of the check's own",
        "the loss",
    ),
    "the patch is detached": (
        LAB2["paste_patch"].replace("patch.expand", "patch.detach().expand"),
        "gradients come back through a patch",
        "carry the patch's graph",
    ),
    "the model is left in eval mode": (
        LAB2["eot_gradient"].replace("    total = 0\n", "    total = 0\n    model.train()\n"),
        "gradients pass through transforms of the check's own",
        "mode before the call",
    ),
    "an entry too few": (
        LAB2["worst_group_accuracy"].replace("return table, ", "return "),
        "dictionaries and pairs",
        "pair",
    ),
}


@pytest.mark.parametrize("title", WRONG)
def test_wrong_functions_fail_over_the_line_as_they_do_in_one_process(title):
    code, check, says = WRONG[title]
    name = code.split("(")[0].split()[-1]
    functions = {**LAB2, name: code}
    with session(
        IMPORTS, *functions.values(), names=dict.fromkeys(functions, "function")
    ) as checker:
        verdict = checker.check("c", LAB2_CHECKS[check])
    assert verdict["status"] == "failed"
    assert says in verdict["message"]
    alone = in_one_process([IMPORTS, *functions.values()], {check: LAB2_CHECKS[check]})
    assert says in alone[check]


def test_a_copy_of_the_encoder_is_not_the_encoder():
    copied = LAB3["RotationNet"].replace(
        "self.encoder = encoder", "import copy; self.encoder = copy.deepcopy(encoder)"
    )
    with session(IMPORTS, copied, names={"RotationNet": "class"}) as checker:
        verdict = checker.check("c", LAB3_CHECKS["a class of the student's"])
    assert "the encoder itself" in verdict["message"]


def test_what_is_written_into_an_argument_after_a_call_back_is_seen():
    code = "def fill(x, callback):\n    x.copy_(callback(x))\n    return x.clone()\n"
    check = """
import torch
from course_utils import check
@check.promise
def untouched():
    x = torch.zeros(3)
    with check.unchanged(x):
        fill(x, lambda x: x + 1)
"""
    with session(code, names={"fill": "function"}) as checker:
        assert "an input was written into" in checker.check("c", check)["message"]


def test_dictionaries_of_the_standard_library_come_back_as_plain_ones():
    code = "import collections as c\ndef tables():\n    d = c.defaultdict(float)\n    d[2] = 0.5\n    return d, c.OrderedDict(d), c.Counter(d)\n"
    check = "found = tables()\nassert [type(one) for one in found] == [dict] * 3 and list(found) == [{2: 0.5}] * 3, found"
    with session(code, names={"tables": "function"}) as checker:
        assert checker.check("c", check)["message"] == ""


def test_a_model_of_the_checks_own_class_can_be_copied():
    code = (
        "import copy\ndef twice(model, x):\n    return copy.deepcopy(model).eval()(x) + model(x)\n"
    )
    check = """
import torch
class Watched(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = torch.nn.Linear(2, 1)
    def forward(self, x):
        seen.append(x)
        return self.inner(x)
seen, model, x = [], Watched(), torch.ones(3, 2)
assert torch.allclose(twice(model, x), 2 * model.inner(x)) and len(seen) == 2
"""
    with session(code, names={"twice": "function"}) as checker:
        assert checker.check("c", check)["message"] == ""


@pytest.mark.parametrize("answer", ["3", "[1]", "lambda x: x", "encoder", "torch.optim"])
def test_what_is_no_module_is_told_apart_from_one(answer):
    code = f"def RotationNet(encoder, feature_dim):\n    return {answer}\n"
    with session(IMPORTS, code, names={"RotationNet": "class"}) as checker:
        verdict = checker.check("c", LAB3_CHECKS["a class of the student's"])
    assert verdict["status"] == "failed"
    assert "must be an nn.Module of its own" in verdict["message"]


def test_torch_is_as_fresh_in_every_call():
    code = (
        IMPORTS
        + "torch.set_default_dtype(torch.float64)\ntorch.set_grad_enabled(False)\ntorch.manual_seed(99)\ntorch.use_deterministic_algorithms(True)\n"
    )
    asks = "def state():\n    return torch.rand(1).dtype, torch.is_grad_enabled(), torch.are_deterministic_algorithms_enabled(), torch.rand(2)\n"
    check = "import torch\none, two = state(), state()\nassert one[:3] == (torch.float32, True, False), one\nassert not torch.equal(one[3], two[3])\nwith torch.no_grad():\n    assert state()[1] is False\n"
    with session(code, asks, names={"state": "function"}) as checker:
        first = checker.check("c", check)
        assert first["message"] == ""
    assert torch.is_grad_enabled()
