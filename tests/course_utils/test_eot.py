"""Expectation over transformation: the mean gradient, and paint that survives a new viewpoint."""

import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from course_utils.attacks import eot_attack, eot_gradient, input_gradient
from tests.course_utils.small_attacks import in_mixed_states, same, seeded, small_model, state

TRANSFORMS = [
    lambda x: x,
    lambda x: x.flip(3),
    lambda x: 0.6 * x + 0.1,
    lambda x: F.avg_pool2d(x, 3, 1, 1),
]


@pytest.fixture
def model():
    return small_model()


@pytest.fixture
def images():
    return torch.rand(7, 3, 12, 12, generator=seeded(1))


@pytest.fixture
def labels():
    return torch.tensor([0, 1, 2, 3, 4, 0, 1])


@pytest.fixture
def texture():
    return torch.rand(3, 12, 12, generator=seeded(2))


def moved(texture, n, generator):
    """n views: another brightness, and rolled by up to two pixels each way."""
    shifts = torch.randint(-2, 3, (n, 2), generator=generator).tolist()
    light = 0.7 + 0.3 * torch.rand(n, 1, 1, 1, generator=generator)
    return light * torch.stack([texture.roll(shift, (1, 2)) for shift in shifts])


def still(texture, n, generator):
    return texture.expand(n, -1, -1, -1)


def test_the_gradient_is_that_of_the_mean_of_the_summed_losses(model, images, labels):
    model.eval().double()
    x = images.double().requires_grad_()
    total = sum(F.cross_entropy(model(t(x)), labels, reduction="sum") for t in TRANSFORMS)
    (total / len(TRANSFORMS)).backward()
    ours = eot_gradient(model, x.detach(), labels, TRANSFORMS)
    torch.testing.assert_close(ours, x.grad, atol=1e-12, rtol=1e-9)


def test_one_transform_that_does_nothing_gives_the_input_gradient(model, images, labels):
    ours = eot_gradient(model, images, labels, [nn.Identity()])
    assert torch.equal(ours, input_gradient(model, images, labels))


def test_transforms_may_change_the_size(model, images, labels):
    ours = eot_gradient(model, images, labels, [lambda x: F.interpolate(x, scale_factor=2)])
    assert ours.shape == images.shape


def test_the_order_of_the_transforms_is_of_no_account(model, images, labels):
    forth, back = (
        eot_gradient(model, images, labels, order) for order in (TRANSFORMS, TRANSFORMS[::-1])
    )
    torch.testing.assert_close(forth, back, atol=1e-6, rtol=1e-4)


@settings(deadline=None, max_examples=25)
@given(
    seed=st.integers(0, 2**31),
    eps=st.none() | st.floats(0, 1),
    covered=st.none() | st.floats(0, 1),
    step_size=st.floats(0, 1),
    steps=st.integers(0, 4),
)
def test_paint_stays_within_eps_within_the_mask_and_within_0_1(
    seed, eps, covered, step_size, steps
):
    g = seeded(seed)
    texture = torch.rand(3, 12, 12, generator=g).round(decimals=1)
    mask = None if covered is None else torch.rand(1, 12, 12, generator=g) < covered
    painted = eot_attack(
        small_model(), texture, moved, 1, eps=eps, mask=mask,
        steps=steps, step_size=step_size, views_per_step=2, generator=g,
    )  # fmt: skip
    assert painted.min() >= 0
    assert painted.max() <= 1
    if eps is not None:
        assert (painted - texture).abs().max() <= eps + 1e-6
    if mask is not None:
        outside = ~mask.expand(3, 12, 12)
        assert torch.equal(painted[outside], texture[outside])


class Viewpoint(nn.Module):
    """A toy: turns the picture's mean along a stripe pattern into two logits, at three orientations.

    Seen from the front only the pattern that is easiest to paint counts; turned, the other ones do.
    """

    def __init__(self):
        super().__init__()
        angles = torch.arange(3) * math.pi / 3
        place = torch.arange(12).float()
        along = angles.cos()[:, None, None] * place + angles.sin()[:, None, None] * place[:, None]
        self.register_buffer("stripes", (1.3 * along).cos())  # (3, 12, 12)

    def forward(self, x):  # (N, 3, 12, 12), one orientation a channel of which is not 0
        seen = torch.einsum("nchw,chw->n", x - 0.5, self.stripes) / 144
        return torch.stack([torch.zeros_like(seen), 100 * (seen - 0.02)], dim=1)


def turned(texture, n, generator):
    """n views of a (1, 12, 12) texture, each at one of the three orientations."""
    which = torch.randint(3, (n,), generator=generator)
    shown = F.one_hot(which, 3)[:, :, None, None].bool()
    return texture.expand(n, 3, -1, -1).where(shown, texture.new_tensor(0.5))


def front(texture, n, generator):
    shown = torch.tensor([True, False, False]).view(1, 3, 1, 1)
    return texture.expand(n, 3, -1, -1).where(shown, texture.new_tensor(0.5))


def test_with_eot_the_target_survives_unseen_views_and_without_it_does_not():
    toy, plain = Viewpoint(), torch.full((1, 12, 12), 0.5)
    options = {"eps": 0.12, "steps": 40, "step_size": 0.01}
    survives = {}
    for name, views in (("eot", turned), ("front only", front)):
        painted = eot_attack(toy, plain, views, 1, generator=seeded(0), **options)
        assert (toy(front(painted, 5, None)).argmax(1) == 1).all(), "both fool the frontal view"
        unseen = turned(painted, 300, seeded(9))
        survives[name] = (toy(unseen).argmax(1) == 1).float().mean().item()
    assert survives["eot"] >= 0.95
    assert survives["front only"] <= 0.5


def test_on_step_sees_the_loss_go_down_from_the_texture_as_it_was(model, texture):
    seen = []
    eot_attack(
        model, texture, moved, 1, steps=30, step_size=0.05, views_per_step=8,
        generator=seeded(0), on_step=lambda i, painted, loss: seen.append((i, painted, loss)),
    )  # fmt: skip
    assert [i for i, _, _ in seen] == list(range(30))
    assert torch.equal(seen[0][1], texture)
    assert all(loss.shape == (8,) and not loss.requires_grad for _, _, loss in seen)
    assert seen[-1][2].mean() < seen[0][2].mean() - 0.2


def test_the_generator_decides_the_views(model, texture):
    def run(seed):
        return eot_attack(
            model, texture, moved, 1, steps=3, views_per_step=2, generator=seeded(seed)
        )

    assert torch.equal(run(1), run(1))
    assert not torch.equal(run(1), run(2))


def test_every_view_is_drawn_anew(model, texture):
    drawn = []

    def views(texture, n, generator):
        drawn.append(torch.randint(1000, (n,), generator=generator).tolist())
        return still(texture, n, generator)

    eot_attack(model, texture, views, 1, steps=5, views_per_step=3, generator=seeded(0))
    assert len(drawn) == 5
    assert len({tuple(numbers) for numbers in drawn}) == 5


def test_texture_and_model_are_left_as_they_were_found(model, texture):
    before, as_it_was = state(in_mixed_states(model)), texture.clone()
    with torch.inference_mode():
        painted = eot_attack(model, texture.clone(), moved, 1, steps=2, generator=seeded(0))
    assert torch.equal(painted, eot_attack(model, texture, moved, 1, steps=2, generator=seeded(0)))
    assert same(before, state(model))
    assert torch.equal(texture, as_it_was)
    assert texture.grad is None
    assert not texture.requires_grad
    assert not painted.requires_grad
    assert painted.dtype == texture.dtype


def test_no_steps_return_a_copy(model, texture):
    painted = eot_attack(model, texture, moved, 1, steps=0)
    assert torch.equal(painted, texture)
    assert painted.data_ptr() != texture.data_ptr()


def test_a_view_without_a_gradient_is_named(model, images, labels, texture):
    for blind in (lambda x: x.detach(), lambda x: (x * 255).round().byte().float() / 255):
        with pytest.raises(ValueError, match="a view carries no gradient: transforms must be diff"):
            eot_gradient(model, images, labels, [blind])
        with pytest.raises(ValueError, match="a view carries no gradient"):
            eot_attack(model, texture, lambda t, n, g, blind=blind: blind(still(t, n, g)), 1)


def test_no_transform_is_refused(model, images, labels):
    with pytest.raises(ValueError, match=r"no transforms: give at least one"):
        eot_gradient(model, images, labels, [])


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"texture": torch.rand(1, 3, 12, 12)}, r"the texture must be one picture \(C, H, W\)"),
        ({"texture": 2 * torch.ones(3, 12, 12)}, r"the texture must lie in \[0, 1\]"),
        ({"texture": torch.zeros(3, 12, 12).byte()}, "the texture must be floats"),
        ({"eps": 8}, "write 8/255"),
        ({"eps": -1.0}, "eps must be at least 0"),
        ({"mask": torch.ones(12, 12)}, "the mask must be"),
        ({"mask": torch.full((1, 12, 12), 0.3)}, "zeros and ones"),
        ({"steps": 1.5}, "steps must be a whole number"),
        ({"step_size": -1.0}, "step_size must be at least 0"),
        ({"views_per_step": 0}, "views_per_step must be a whole number, 1 or more, got 0"),
        ({"target": 7}, "label 7 is out of range: the model knows 5 classes"),
        ({"views": lambda t, n, g: t[None]}, r"must return logits \(N, C\) for N = 16 images"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_sentence(model, texture, change, says):
    arguments = {"texture": texture, "views": moved, "target": 1, "steps": 1} | change
    with pytest.raises(ValueError, match=says):
        eot_attack(model, **arguments)
