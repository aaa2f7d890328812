"""The square attack: its ball, its budget, no look at a gradient, and torchattacks' strength."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from course_utils import _torchvision
from course_utils.attacks import Linf, square_attack
from course_utils.attacks.square import _side, _squares
from course_utils.training import fit
from tests.course_utils import small_training
from tests.course_utils.small_attacks import seeded, small_model


@pytest.fixture
def images():
    return torch.rand(7, 3, 12, 12, generator=seeded(1))


@pytest.fixture
def labels():
    return torch.tensor([0, 1, 2, 3, 4, 0, 1])


def answers(model, x):
    with torch.no_grad():
        return model(x).argmax(dim=1)


@settings(deadline=None, max_examples=25)
@given(
    seed=st.integers(0, 2**31),
    eps=st.floats(0, 1),
    queries=st.integers(2, 12),
    height=st.integers(7, 14),
    width=st.integers(7, 14),
)
def test_it_stays_in_the_ball_and_in_0_1_for_any_eps_and_shape(seed, eps, queries, height, width):
    g = seeded(seed)
    x = torch.rand(3, 3, height, width, generator=g).round(decimals=1)
    x_adv = square_attack(
        small_model(), x, torch.tensor([0, 1, 2]), eps, queries=queries, generator=g
    )
    assert (Linf().size(x_adv - x) <= eps + 1e-6).all()
    assert x_adv.min() >= 0
    assert x_adv.max() <= 1


def test_the_model_is_asked_no_more_often_than_the_budget_and_never_for_a_gradient(images):
    asked = []

    def unmoved(x):
        assert not torch.is_grad_enabled()
        asked.append(len(x))
        return torch.tensor([1.0, 0.0]).expand(len(x), 2)

    square_attack(unmoved, images, torch.zeros(7).long(), 0.1, queries=30)
    assert asked == [7] * 30


def test_images_that_are_fooled_are_not_shown_again(images):
    """All are right as they are; with stripes on, all but the one with a bright corner are wrong."""
    asked = []
    images[:, 0, 0, 0] = torch.tensor([0.9, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1])

    def model(x):
        asked.append(len(x))
        right = (x[:, 0, 0, 0] > 0.5).float() if len(asked) > 1 else torch.ones(len(x))
        return torch.stack([right, 1 - right], dim=1)

    square_attack(model, images, torch.zeros(7).long(), 0.1, queries=5)
    assert asked == [7, 7, 1, 1, 1]


def test_what_is_misclassified_already_is_left_as_it_is(images, labels):
    model = small_model().eval()
    right = answers(model, images)
    wrong = (right + 1) % 5
    assert torch.equal(square_attack(model, images, wrong, 0.3, queries=10), images)
    mixed = torch.where(torch.arange(7) < 3, right, wrong)
    x_adv = square_attack(model, images, mixed, 0.3, queries=10)
    assert torch.equal(x_adv[3:], images[3:])
    assert (x_adv[:3] != images[:3]).flatten(1).any(dim=1).all()


def test_more_queries_never_bring_an_image_back(images):
    """With one seed and one schedule the search of 40 queries begins with that of fewer."""
    model = small_model().eval()
    y = answers(model, images)
    margins = []

    def watched(x):
        logits = model(x)
        if len(x) == 7:
            others = logits.scatter(1, y[:, None], -torch.inf).amax(dim=1)
            margins.append(logits.gather(1, y[:, None])[:, 0] - others)
        return logits

    x_adv = square_attack(watched, images, y, 0.02, queries=40, generator=seeded(0))
    logits = model(x_adv)
    others = logits.scatter(1, y[:, None], -torch.inf).amax(dim=1)
    final = logits.gather(1, y[:, None])[:, 0] - others
    best = torch.stack(margins[1:]).amin(dim=0)  # the first look is at the clean images
    assert (final <= best + 1e-5).all()


def test_the_generator_decides_the_squares(images):
    model = small_model().eval()
    y = answers(model, images)
    first, again, other = (
        square_attack(model, images, y, 0.05, queries=20, generator=seeded(seed))
        for seed in (1, 1, 2)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


@given(side=st.integers(1, 9), n=st.integers(1, 40), seed=st.integers(0, 2**31))
@settings(deadline=None, max_examples=30)
def test_squares_are_squares_wholly_inside(side, n, seed):
    squares = _squares(n, side, torch.zeros(n, 3, 9, 11), seeded(seed))
    assert squares.shape == (n, 1, 9, 11)
    assert (squares.flatten(1).sum(dim=1) == side**2).all()
    for square in squares[:, 0]:
        rows, columns = square.any(dim=1).nonzero(), square.any(dim=0).nonzero()
        assert rows.max() - rows.min() == columns.max() - columns.min() == side - 1


def test_squares_reach_every_corner():
    reached = _squares(2000, 4, torch.zeros(1, 3, 9, 11), seeded(0)).any(dim=0)[0]
    assert reached.all()


@pytest.mark.parametrize("queries", [100, 1000, 10_000])
def test_squares_shrink_on_the_papers_schedule_whatever_the_budget(queries):
    """Area 0.8 at first; halved at 10, 50, 200, 1000, 2000, 4000, 6000 and 8000 of 10,000 queries."""
    x = torch.zeros(1, 3, 100, 100)
    sides = [_side(x, query, queries) for query in range(queries)]
    assert sides == sorted(sides, reverse=True)
    assert sides[0] == round((0.8 * 100 * 100) ** 0.5)
    assert _side(x, round(0.15 * queries), queries) == round((0.8 / 16) ** 0.5 * 100)
    assert sides[-1] == round((0.8 / 256) ** 0.5 * 100)


def trained() -> tuple[nn.Module, torch.Tensor, torch.Tensor]:
    model = small_training.model()
    fit(model, small_training.TRAIN, **small_training.QUICK | {"epochs": 6})
    return (model, *next(iter(small_training.stripes(300, 5).batches(300))))


def test_it_is_as_strong_as_torchattacks_with_the_same_budget():
    """Robust accuracy on a trained model within 4 points, about the standard error of 300 images."""
    _torchvision.ensure()  # torchattacks imports torchvision itself
    torchattacks = pytest.importorskip("torchattacks")
    model, x, y = trained()
    eps, queries = 48 / 255, 100
    ours = square_attack(model, x, y, eps, queries=queries, generator=seeded(0))
    theirs = torchattacks.Square(model, eps=eps, n_queries=queries, seed=0)(x, y)
    left = [(answers(model, x_adv) == y).float().mean().item() for x_adv in (x, ours, theirs)]
    assert left[0] > 0.95
    assert 0.15 < left[2] < 0.85
    assert left[1] == pytest.approx(left[2], abs=0.04)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"queries": 1}, "queries must be a whole number, 2 or more, got 1"),
        ({"eps": 8}, "write 8/255"),
        ({"y": torch.full((7,), 9)}, "label 9 is out of range"),
        ({"x": torch.rand(3, 12, 12)}, r"for one image use x\[None\]"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_sentence(images, labels, change, says):
    with pytest.raises(ValueError, match=says):
        square_attack(small_model(), **{"x": images, "y": labels, "eps": 0.1} | change)
