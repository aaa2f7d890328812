"""The U-Net answers pixel for pixel, whatever even size comes in, and costs what it says."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils import models
from course_utils.models import UNet
from tests.course_utils.costs import multiply_adds, weights


def test_what_the_docstring_says_it_costs():
    model = UNet(4, 3).eval()
    told = " ".join(UNet.__doc__.split())
    assert "238 thousand weights" in told
    assert round(weights(model) / 1000) == 238
    assert "29 million multiply-adds" in told
    assert round(multiply_adds(model, torch.rand(1, 4, 48, 48)) / 1e6) == 29


@settings(deadline=None, max_examples=30)
@given(
    n=st.integers(1, 3),
    height=st.integers(1, 33).map(lambda half: 2 * half),
    width=st.integers(1, 33).map(lambda half: 2 * half),
    channels=st.tuples(st.integers(1, 5), st.integers(1, 5)),
)
def test_any_even_size_comes_out_as_it_went_in(n, height, width, channels):
    model = UNet(*channels, width=4).eval()
    x = torch.rand(n, channels[0], height, width)
    assert model(x).shape == (n, channels[1], height, width)


@pytest.mark.parametrize(("height", "width"), [(47, 48), (48, 47), (47, 45), (1, 1)])
def test_an_odd_side_is_refused_with_the_sides(height, width):
    with pytest.raises(ValueError, match=f"must be even, got pictures of {height} x {width}"):
        UNet(1, 3, width=4)(torch.rand(2, 1, height, width))


def test_each_picture_is_answered_on_its_own_and_the_input_is_left_alone():
    torch.manual_seed(0)
    model = UNet(3, 2, width=6).eval()
    x = torch.rand(3, 3, 20, 28)
    before = x.clone()
    with torch.no_grad():
        together = model(x)
        alone = torch.cat([model(one) for one in x.split(1)])
    torch.testing.assert_close(alone, together)
    assert torch.equal(x, before)


def reach(model: UNet, size: int) -> torch.Tensor:
    """(size, size) bool: which pixels the answer in the middle depends on."""
    x = torch.rand(1, model.in_channels, size, size, requires_grad=True)
    model(x)[0, :, size // 2, size // 2].sum().backward()
    return x.grad[0].abs().sum(dim=0) > 0


def test_an_answer_sees_its_own_pixel_and_far_around_it():
    torch.manual_seed(0)
    seen = reach(UNet(1, 1).eval(), 48)
    assert seen[20:29, 20:29].all()
    rows, columns = (seen.any(dim=side).nonzero() for side in (1, 0))
    assert rows.max() - rows.min() >= 40
    assert columns.max() - columns.min() >= 40


def test_every_weight_learns():
    torch.manual_seed(0)
    model = UNet(2, 3, width=4).train()
    model(torch.rand(4, 2, 16, 16)).square().mean().backward()
    assert all(p.grad.abs().sum() > 0 for p in model.parameters())


def test_a_saved_net_comes_back_with_the_same_answers(tmp_path):
    torch.manual_seed(0)
    model = UNet(4, 3, width=5)
    model(torch.rand(4, 4, 16, 16))  # moves the running statistics
    models.save(model, tmp_path / "unet.safetensors", seed=2)
    loaded = models.load(tmp_path / "unet.safetensors")
    assert (loaded.in_channels, loaded.out_channels, loaded.width) == (4, 3, 5)
    x = torch.rand(2, 4, 12, 10)
    assert torch.equal(loaded(x), model.eval()(x))
