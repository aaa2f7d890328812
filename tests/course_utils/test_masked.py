"""Masked attacks: everything inside the mask, nothing outside it by a single bit."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.attacks import Linf, masked_pgd, pgd
from tests.course_utils.small_attacks import seeded, small_model


@pytest.fixture
def model():
    return small_model()


@pytest.fixture
def images():
    return torch.rand(7, 3, 12, 12, generator=seeded(1))


@pytest.fixture
def target():
    return torch.tensor([0, 1, 2, 3, 4, 0, 1])


LEFT = torch.zeros(1, 12, 12)
LEFT[:, :, :5] = 1


@settings(deadline=None, max_examples=25)
@given(
    seed=st.integers(0, 2**31),
    covered=st.floats(0, 1),
    each_its_own=st.booleans(),
    as_bool=st.booleans(),
    step_size=st.floats(0, 2),
    steps=st.integers(0, 4),
)
def test_not_a_bit_changes_outside_the_mask_and_all_stays_in_0_1(
    seed, covered, each_its_own, as_bool, step_size, steps
):
    g = seeded(seed)
    x = torch.rand(3, 3, 12, 12, generator=g)
    x[0] = x[0].round()  # some pixels exactly 0 and 1
    mask = torch.rand((3, 1, 12, 12) if each_its_own else (1, 12, 12), generator=g) < covered
    given_mask = mask if as_bool else mask.float()
    x_adv = masked_pgd(
        small_model(), x, torch.tensor([0, 1, 2]), given_mask, step_size=step_size, steps=steps
    )
    outside = ~mask.expand(3, 3, 12, 12)
    assert torch.equal(x_adv[outside], x[outside])
    assert x_adv.min() >= 0
    assert x_adv.max() <= 1


def test_a_full_mask_is_targeted_pgd_without_a_bound(model, images, target):
    ours = masked_pgd(model, images, target, torch.ones(1, 12, 12), step_size=0.05, steps=6)
    theirs = pgd(
        model, images, target, 1.0, norm=Linf(), step_size=0.05, steps=6,
        random_start=False, targeted=True,
    )  # fmt: skip
    torch.testing.assert_close(ours, theirs, atol=1e-6, rtol=0)


def test_the_change_is_not_bounded_inside_the_mask(model, images, target):
    x_adv = masked_pgd(model, images, target, LEFT, step_size=0.1, steps=20)
    assert (x_adv - images).abs().max() > 0.9


def test_it_reaches_classes_that_the_images_are_not(model, images, target):
    x_adv = masked_pgd(model, images, target, LEFT, step_size=0.05, steps=60)
    before, after = ((model.eval()(x).argmax(1) == target).sum() for x in (images, x_adv))
    assert before <= 2
    assert after >= 6


def test_each_image_may_have_its_own_mask(model, images, target):
    masks = torch.zeros(7, 1, 12, 12)
    masks[3] = 1
    x_adv = masked_pgd(model, images, target, masks, steps=3)
    changed = (x_adv != images).flatten(1).any(dim=1)
    assert changed.tolist() == [i == 3 for i in range(7)]


def test_on_step_sees_the_way_from_the_images_to_the_result(model, images, target):
    seen = []
    result = masked_pgd(
        model, images, target, LEFT, steps=4, on_step=lambda i, x, loss: seen.append((i, x, loss))
    )
    assert [i for i, _, _ in seen] == [0, 1, 2, 3, 4]
    assert torch.equal(seen[0][1], images)
    assert torch.equal(seen[-1][1], result)
    assert seen[-1][2].mean() < seen[0][2].mean()


@pytest.mark.parametrize(
    ("mask", "says"),
    [
        (torch.ones(12, 12), r"the mask must be \(1, 12, 12\), or \(7, 1, 12, 12\) .* \(12, 12\)"),
        (torch.ones(3, 12, 12), r"got \(3, 12, 12\)"),
        (torch.full((1, 12, 12), 0.5), r"zeros and ones.*use \(mask > 0.5\)"),
        (torch.full((1, 12, 12), float("nan")), "zeros and ones"),
        ([[1]], "must be a torch tensor"),
    ],
)
def test_a_mask_that_cannot_be_meant_is_refused_in_a_sentence(model, images, target, mask, says):
    with pytest.raises(ValueError, match=says):
        masked_pgd(model, images, target, mask)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"target": torch.tensor([9] * 7)}, "label 9 is out of range"),
        ({"target": torch.tensor([1])}, r"target labels must be \(N,\)"),
        ({"steps": -1}, "steps must be a whole number, 0 or more, got -1"),
        ({"step_size": -0.1}, "step_size must be at least 0"),
        ({"x": torch.rand(3, 12, 12)}, r"for one image use x\[None\]"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_sentence(model, images, target, change, says):
    arguments = {"x": images, "target": target, "mask": LEFT} | change
    with pytest.raises(ValueError, match=says):
        masked_pgd(model, **arguments)
