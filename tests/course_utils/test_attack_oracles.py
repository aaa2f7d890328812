"""fgsm and pgd against torchattacks and foolbox: the same model, the same images, within 1e-6.

The outside attacks start at the image itself, or where ours starts; their one difference that is left
is torchattacks' 1e-10 added to the length of a gradient, below 1e-6 on a network that is not sure.
"""

import pytest
import torch
from torch import nn

from course_utils import _torchvision
from course_utils.attacks import L2, Linf, fgsm, fgsm_targeted, pgd
from course_utils.training import fit
from tests.course_utils import small_training

_torchvision.ensure()  # torchattacks imports torchvision itself
foolbox = pytest.importorskip("foolbox")
torchattacks = pytest.importorskip("torchattacks")

EPS = {"Linf": 8 / 255, "L2": 1.0}
STEP = {"Linf": 2 / 255, "L2": 0.2}
NORMS = {"Linf": Linf(), "L2": L2()}
TOLERANCE = {"atol": 1e-6, "rtol": 0}


@pytest.fixture(scope="module")
def task():
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Conv2d(3, 8, 3, 2), nn.BatchNorm2d(8), nn.ReLU(), nn.Dropout(0.3),
        nn.Conv2d(8, 16, 3, 2), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 10),
    )  # fmt: skip
    model(torch.rand(64, 3, 20, 20))  # running statistics that are not the initial ones
    x = torch.rand(17, 3, 20, 20)
    x[:3] = x[:3].round()  # some images at the edge of [0, 1], where clamping matters
    return model.eval(), x, torch.randint(10, (17,)), torch.randint(10, (17,))


def the_labels_given(images, labels):
    return labels


def foolbox_run(attack, model, x, criterion, eps):
    bounded = foolbox.PyTorchModel(model, bounds=(0, 1), device="cpu")
    return attack(bounded, x, criterion, epsilons=eps)[1]


def test_fgsm_agrees_with_torchattacks(task):
    model, x, y, _ = task
    theirs = torchattacks.FGSM(model, eps=8 / 255)(x, y)
    torch.testing.assert_close(fgsm(model, x, y, 8 / 255), theirs, **TOLERANCE)


def test_targeted_fgsm_agrees_with_torchattacks(task):
    model, x, _, target = task
    attack = torchattacks.FGSM(model, eps=8 / 255)
    attack.set_mode_targeted_by_function(the_labels_given)
    theirs = attack(x, target)
    torch.testing.assert_close(fgsm_targeted(model, x, target, 8 / 255), theirs, **TOLERANCE)


@pytest.mark.parametrize("norm", ["Linf", "L2"])
def test_one_step_agrees_with_foolbox(task, norm):
    model, x, y, _ = task
    attack = {"Linf": foolbox.attacks.FGSM, "L2": foolbox.attacks.FGM}[norm](random_start=False)
    theirs = foolbox_run(attack, model, x, y, EPS[norm])
    torch.testing.assert_close(fgsm(model, x, y, EPS[norm], norm=NORMS[norm]), theirs, **TOLERANCE)


@pytest.mark.parametrize("norm", ["Linf", "L2"])
def test_targeted_fgsm_agrees_with_foolbox(task, norm):
    """foolbox has no targeted FGSM; its PGD with a single step of length eps is one."""
    model, x, _, target = task
    criterion = foolbox.criteria.TargetedMisclassification(target)
    attack = {"Linf": foolbox.attacks.LinfPGD, "L2": foolbox.attacks.L2PGD}[norm](
        abs_stepsize=EPS[norm], steps=1, random_start=False
    )
    theirs = foolbox_run(attack, model, x, criterion, EPS[norm])
    ours = fgsm_targeted(model, x, target, EPS[norm], norm=NORMS[norm])
    torch.testing.assert_close(ours, theirs, **TOLERANCE)


def our_pgd(model, x, y, norm, **options):
    options = {"steps": 10, "random_start": False, "step_size": STEP[norm], **options}
    return pgd(model, x, y, EPS[norm], norm=NORMS[norm], **options)


@pytest.mark.parametrize("norm", ["Linf", "L2"])
@pytest.mark.parametrize("targeted", [False, True])
def test_pgd_agrees_with_torchattacks(task, norm, targeted):
    model, x, y, target = task
    kind = {"Linf": torchattacks.PGD, "L2": torchattacks.PGDL2}[norm]
    attack = kind(model, eps=EPS[norm], alpha=STEP[norm], steps=10, random_start=False)
    if targeted:
        attack.set_mode_targeted_by_function(the_labels_given)
    labels = target if targeted else y
    ours = our_pgd(model, x, labels, norm, targeted=targeted)
    torch.testing.assert_close(ours, attack(x, labels), **TOLERANCE)


@pytest.mark.parametrize("norm", ["Linf", "L2"])
@pytest.mark.parametrize("targeted", [False, True])
def test_pgd_agrees_with_foolbox(task, norm, targeted):
    model, x, y, target = task
    attack = {"Linf": foolbox.attacks.LinfPGD, "L2": foolbox.attacks.L2PGD}[norm](
        abs_stepsize=STEP[norm], steps=10, random_start=False
    )
    labels = target if targeted else y
    criterion = foolbox.criteria.TargetedMisclassification(target) if targeted else y
    theirs = foolbox_run(attack, model, x, criterion, EPS[norm])
    ours = our_pgd(model, x, labels, norm, targeted=targeted)
    torch.testing.assert_close(ours, theirs, **TOLERANCE)


@pytest.mark.parametrize("norm", ["Linf", "L2"])
def test_pgd_agrees_with_foolbox_from_the_same_random_start(task, norm, monkeypatch):
    model, x, y, _ = task
    start = pgd(
        model,
        x,
        y,
        EPS[norm],
        norm=NORMS[norm],
        steps=0,
        generator=torch.Generator().manual_seed(1),
    )
    kind = {"Linf": foolbox.attacks.LinfPGD, "L2": foolbox.attacks.L2PGD}[norm]
    attack = kind(abs_stepsize=STEP[norm], steps=10, random_start=True)
    monkeypatch.setattr(
        attack, "get_random_start", lambda x0, eps: foolbox.attacks.base.ep.astensor(start)
    )
    theirs = foolbox_run(attack, model, x, y, EPS[norm])
    ours = our_pgd(model, x, y, norm, random_start=True, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(ours, theirs, **TOLERANCE)


@pytest.mark.parametrize("norm", ["Linf", "L2"])
def test_in_double_precision_foolbox_and_we_agree_to_the_last_digits(task, norm):
    model, x, y, _ = task
    model, x = model.double(), x.double()
    try:
        attack = {"Linf": foolbox.attacks.LinfPGD, "L2": foolbox.attacks.L2PGD}[norm](
            abs_stepsize=STEP[norm], steps=10, random_start=False
        )
        theirs = foolbox_run(attack, model, x, y, EPS[norm])
        torch.testing.assert_close(our_pgd(model, x, y, norm), theirs, atol=1e-12, rtol=0)
    finally:
        model.float()


def test_robust_accuracy_is_that_of_torchattacks_and_foolbox_within_a_point():
    """A trained model, 20 steps, each library with random starts of its own."""
    model = small_training.model()
    fit(model, small_training.TRAIN, **small_training.QUICK | {"epochs": 6})
    x, y = next(iter(small_training.stripes(1000, 5).batches(1000)))
    eps, step = 12 / 255, 2 / 255
    generator = torch.Generator().manual_seed(0)
    torch.manual_seed(0)
    attacked = {
        "ours": pgd(model, x, y, eps, steps=20, step_size=step, generator=generator),
        "torchattacks": torchattacks.PGD(model, eps=eps, alpha=step, steps=20)(x, y),
        "foolbox": foolbox_run(
            foolbox.attacks.LinfPGD(abs_stepsize=step, steps=20, random_start=True),
            model,
            x,
            y,
            eps,
        ),
    }
    with torch.no_grad():
        left = {
            name: (model(x_adv).argmax(dim=1) == y).float().mean().item()
            for name, x_adv in attacked.items()
        }
    assert 0.2 < left["ours"] < 0.8, "an accuracy that could differ"
    assert left["ours"] == pytest.approx(left["torchattacks"], abs=0.01)
    assert left["ours"] == pytest.approx(left["foolbox"], abs=0.01)
