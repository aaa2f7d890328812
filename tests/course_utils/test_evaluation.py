"""The honest evaluation: each alarm rings for a model that hides its gradient, none for one that does not."""

import copy
import sys

import pytest
import torch
from torch import nn

from course_utils import models, robustness
from course_utils.attacks import fgsm
from course_utils.data.world import world
from course_utils.robustness import Alarm, Evaluation
from course_utils.robustness.alarms import about_the_attacks

EPS = 8 / 255
QUICK = {"restarts": 2, "steps": 20, "queries": 150, "progress": False}


class Before(nn.Module):
    """A model with something put before it."""

    def __init__(self, inner: nn.Module, change):
        super().__init__()
        self.inner, self.change = inner, change

    def forward(self, x):
        return self.inner(self.change(x))


class After(nn.Module):
    """A model with something put behind it."""

    def __init__(self, inner: nn.Module, change):
        super().__init__()
        self.inner, self.change = inner, change

    def forward(self, x):
        return self.change(self.inner(x))


def noisy(x):
    return x + 0.02 * torch.randn_like(x)


def quantised(x):
    return (16 * x).round() / 16


def shattered(x):
    """Adds at most 1/255, so steeply that the sign of the gradient is as good as random."""
    return x + (3000 * x).sin() / 255


def trapped(x):
    """As shattered, but level at every third grey level: where these pictures lie, and FGSM looks."""
    return x + (2 * torch.pi * 255 * 10 / 3 * x).cos() / 255


def ten_thousand_fold(logits):
    return 1e4 * logits


def softmax(logits):
    return logits.softmax(dim=1)


def brightest(gap, n=30):
    """Pictures with one channel brighter by `gap`, and a model that compares the channels' means."""
    y = torch.arange(n) % 3
    x = torch.rand(n, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    x = 0.4 + 0.2 * (x - x.mean(dim=(2, 3), keepdim=True))
    x[torch.arange(n), y] += gap
    x = (255 * x / 3).round() * 3 / 255
    model = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 3, bias=False))
    with torch.no_grad():
        model[2].weight.copy_(20 * torch.eye(3))
    return model, x, y


@pytest.fixture(scope="module")
def classifier():
    return brightest(0.04)[0]


@pytest.fixture(scope="module")
def pictures():
    return [brightest(0.04)[1:]]


def evaluate(model, pictures, **options):
    options = {**QUICK, "generator": torch.Generator().manual_seed(0), **options}
    return robustness.evaluate(model, pictures, EPS, **options)


def names(evaluation):
    return {alarm.name for alarm in evaluation.alarms}


@pytest.fixture(scope="module")
def honest(classifier, pictures):
    return evaluate(classifier, pictures)


# The alarms


def test_an_honest_brittle_model_raises_no_alarm(honest):
    assert honest.alarms == ()
    assert honest.clean > 0.9
    assert honest.worst_case == 0


def test_the_courses_classifier_raises_no_alarm():
    evaluation = evaluate(models.zoo.load("world_classifier"), world(6, seed=5), queries=10)
    assert evaluation.alarms == ()
    assert evaluation.clean > 0.8
    assert evaluation.worst_case == 0


def test_an_honest_robust_model_raises_no_alarm():
    """Robust by its build: eps = 8/255 can't turn the means that it compares."""
    model, x, y = brightest(gap=0.3)
    evaluation = evaluate(model, [(x, y)])
    assert evaluation.alarms == ()
    assert evaluation.clean == evaluation.worst_case == 1


MASKED = {
    "noise before it": (Before, noisy, {"randomised defence"}),
    "softmax inside": (After, softmax, {"probabilities instead of logits"}),
    "logits ten thousand fold": (
        After,
        ten_thousand_fold,
        {"zero gradient", "black box beats white box"},
    ),
    "rounded input": (
        Before,
        quantised,
        {"zero gradient", "black box beats white box", "a huge eps does not break it"},
    ),
    "shattered gradient": (Before, shattered, {"black box beats white box"}),
    "a trap beside each picture": (Before, trapped, {"more steps do worse"}),
}


@pytest.mark.parametrize("masked", MASKED)
def test_a_masked_model_raises_its_alarms(classifier, pictures, masked):
    place, change, alarms = MASKED[masked]
    evaluation = evaluate(place(classifier, change), pictures)
    assert alarms <= names(evaluation), str(evaluation)
    for alarm in evaluation.alarms:
        assert alarm.seen in str(evaluation)
        assert alarm.remedy in str(evaluation)


@pytest.mark.parametrize("masked", ["softmax inside", "logits ten thousand fold", "rounded input"])
def test_a_mask_that_leaves_the_answers_alone_leaves_no_other_clean_accuracy(
    classifier, pictures, masked
):
    """The models of the alarms are no straw men: unattacked they are as good as the honest one."""
    place, change, _ = MASKED[masked]
    model = place(classifier, change).eval()
    assert robustness.accuracy(model, pictures) >= robustness.accuracy(classifier, pictures) - 0.1


def outcome(right, of=1000):
    return torch.arange(of) < right


@pytest.mark.parametrize(("lead", "rings"), [(0, False), (2, False), (3, True)])
def test_a_black_box_ahead_by_more_than_two_in_a_thousand_rings(lead, rings):
    white = {"few": outcome(500), "many": outcome(400)}
    found = about_the_attacks(white, outcome(400 - lead), outcome(0), 10)
    assert [alarm.name for alarm in found] == ["black box beats white box"] * rings


def test_a_huge_eps_may_leave_as_many_as_guessing_does():
    white = {"few": outcome(500), "many": outcome(400)}
    assert not about_the_attacks(white, outcome(450), outcome(100), 10)
    assert about_the_attacks(white, outcome(450), outcome(101), 10)


# The figures


def test_the_rows_are_what_each_attack_leaves_of_those_that_were_right(
    classifier, pictures, honest
):
    ((x, y),) = pictures
    with torch.no_grad():
        right = classifier(x).argmax(1) == y
        after = classifier(fgsm(classifier, x, y, EPS)).argmax(1) == y
    rows = list(honest.accuracies.items())
    assert [name.split(",")[0] for name, _ in rows] == [
        "clean",
        "FGSM",
        "PGD",
        "PGD",
        "square attack",
    ]
    assert rows[0][1] == pytest.approx(float(right.double().mean()))
    assert rows[1][1] == pytest.approx(float((right & after).double().mean()))
    assert honest.images == 30
    assert all(value <= honest.clean for _, value in rows)
    assert honest.worst_case <= min(honest.accuracies.values())


def test_the_worst_case_is_taken_image_by_image(monkeypatch):
    """Two attacks that break different halves leave nothing, though each leaves a half."""

    def breaks(first, last):
        def attack(model, x, y, *more, **options):
            told = x[:, 0, 0, 0].mul(100).round().long()  # which picture it is
            hit = ((told >= first) & (told < last)).view(-1, 1, 1, 1)
            return torch.where(hit, x.roll(1, dims=1), x)  # another channel is the brightest

        return attack

    model, x, y = brightest(0.3, 10)
    x[:, 0, 0, 0] = torch.arange(10) / 100
    module = sys.modules["course_utils.robustness.evaluate"]
    monkeypatch.setattr(module, "fgsm", breaks(0, 5))
    monkeypatch.setattr(module, "square_attack", breaks(5, 10))
    monkeypatch.setattr(module, "pgd", breaks(0, 0))
    evaluation = evaluate(model, [(x, y)])
    assert list(evaluation.accuracies.values()) == [1, 0.5, 1, 1, 0.5]
    assert evaluation.worst_case == 0


def test_a_seed_decides_and_batches_may_be_of_any_size():
    model, x, y = brightest(0.04, 10)
    model = Before(model, lambda x: x.clamp(0.05, 0.95))
    batches = [(x[:7], y[:7]), (x[7:], y[7:])]
    first, second = (evaluate(model, batches) for _ in range(2))
    assert first == second
    assert first.images == 10


def test_the_model_is_left_as_it_was(classifier, pictures):
    model = copy.deepcopy(classifier).train()
    before = copy.deepcopy(model.state_dict())
    evaluate(model, pictures, restarts=1, queries=2)
    assert all(module.training for module in model.modules())
    assert all(parameter.grad is None for parameter in model.parameters())
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"restarts": 0}, "restarts"),
        ({"steps": 19}, "steps must be a whole number, 20 or more"),
        ({"queries": 0}, "queries"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(classifier, pictures, options, said):
    with pytest.raises(ValueError, match=said):
        evaluate(classifier, pictures, **options)


def test_no_images_is_said(classifier):
    with pytest.raises(ValueError, match="no images"):
        evaluate(classifier, [])


# The table


def test_the_table_reads_as_text_and_as_a_web_page(honest):
    text, page = str(honest), honest._repr_html_()
    assert "30 images, eps = 8/255" in text
    for name, value in {**honest.accuracies, "the worst of all": honest.worst_case}.items():
        assert any(name in line and f"{100 * value:.1f} %" in line for line in text.splitlines())
        assert name in page
    assert "No alarm" in text
    assert "No alarm" in page
    assert max(map(len, text.splitlines())) < 90


def test_an_alarm_on_the_page_is_told_with_its_remedy():
    alarm = Alarm("zero gradient", "On 3 < 4 images.", "look for rounding & thresholds.")
    page = Evaluation(2 / 255, 4, {"clean": 0.75}, 0.5, (alarm,))._repr_html_()
    assert "On 3 &lt; 4 images." in page
    assert "look for rounding &amp; thresholds." in page
    assert "No alarm" not in page
    assert "eps = 2/255" in page
