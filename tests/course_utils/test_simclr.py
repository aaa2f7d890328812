"""NT-Xent beside a loop in float64 and beside lightly's, its golden values, its laws, and SimCLR as an objective."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from course_utils import _torchvision
from course_utils.data import Split
from course_utils.data.world import world
from course_utils.models import Encoder
from course_utils.selfsup.augmentations import Augmentation
from course_utils.selfsup.simclr import nt_xent, simclr, similarity, two_views
from course_utils.training import evaluate, fit

pictures = st.integers(1, 9)
dimensions = st.integers(2, 12)
temperatures = st.floats(0.01, 1)
seeds = st.integers(0, 2**32)
quickly = settings(max_examples=60, deadline=None)
HALVES = (torch.float16, torch.bfloat16)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def views(n: int, dim: int, seed: int, apart: float = 1.0) -> tuple[torch.Tensor, torch.Tensor]:
    """Embeddings of n pictures, the second views `apart` from the first: 0 are perfect, 3 have little in common."""
    generator = seeded(seed)
    z1 = torch.randn(n, dim, generator=generator, dtype=torch.float64)
    return z1, z1 + apart * torch.randn(n, dim, generator=generator, dtype=torch.float64)


def by_the_formula(z1: torch.Tensor, z2: torch.Tensor, temperature: float) -> torch.Tensor:
    """Equation 1 of the paper, one pair at a time, in float64."""
    z = [row / row.square().sum().sqrt() for row in torch.cat([z1, z2]).double()]
    n, losses = len(z1), []
    for i in range(2 * n):
        j = i + n if i < n else i - n
        others = [(z[i] * z[k]).sum() / temperature for k in range(2 * n) if k != i]
        losses.append(torch.stack(others).logsumexp(0) - (z[i] * z[j]).sum() / temperature)
    return torch.stack(losses).mean()


def with_gradients(loss, z1: torch.Tensor, z2: torch.Tensor, temperature: float):
    """(value, gradient to z1, gradient to z2)."""
    z1, z2 = z1.detach().clone().requires_grad_(), z2.detach().clone().requires_grad_()
    value = loss(z1, z2, temperature)
    return (value.detach(), *torch.autograd.grad(value, (z1, z2)))


def lightlys(z1: torch.Tensor, z2: torch.Tensor, temperature: float) -> torch.Tensor:
    from lightly.loss import NTXentLoss

    return NTXentLoss(temperature=temperature)(z1, z2)


@quickly
@given(pictures, dimensions, temperatures, seeds, st.floats(0, 3))
def test_value_and_gradients_are_those_of_a_loop_in_float64(n, dim, temperature, seed, apart):
    z1, z2 = views(n, dim, seed, apart)
    ours = with_gradients(nt_xent, z1, z2, temperature)
    loops = with_gradients(by_the_formula, z1, z2, temperature)
    for mine, right in zip(ours, loops, strict=True):
        torch.testing.assert_close(mine, right, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("temperature", [0.01, 0.05, 0.1, 0.5, 1.0])
@pytest.mark.parametrize("n", [2, 3, 17, 64])
def test_value_and_gradients_are_lightlys_to_a_millionth(n, temperature):
    pytest.importorskip("lightly")
    _torchvision.ensure()
    z1, z2 = views(n, 32, seed=n)
    ours = with_gradients(nt_xent, z1, z2, temperature)
    theirs = with_gradients(lightlys, z1, z2, temperature)
    for mine, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("temperature", [0.01, 0.1, 1.0])
@pytest.mark.parametrize("apart", [0.0, 0.3, 3.0])
@pytest.mark.parametrize("n", [1, 2, 7, 128])
def test_in_float32_it_is_as_exact_as_the_cosines_are(n, apart, temperature):
    """A cosine near 1 is known to 1e-7, so a logit to 1e-7 / temperature: no way of adding is better."""
    z1, z2 = (z.float() for z in views(n, 64, seed=n, apart=apart))
    expected = with_gradients(by_the_formula if n < 10 else in_float64, z1, z2, temperature)
    ours = with_gradients(nt_xent, z1, z2, temperature)
    assert all(part.dtype == torch.float32 for part in ours)
    for mine, right in zip(ours, expected, strict=True):
        torch.testing.assert_close(
            mine.double(), right.double(), rtol=1e-6, atol=4e-7 / temperature
        )


def in_float64(z1: torch.Tensor, z2: torch.Tensor, temperature: float) -> torch.Tensor:
    return nt_xent(z1.double(), z2.double(), temperature)


@pytest.mark.parametrize("dtype", HALVES)
@pytest.mark.parametrize("temperature", [0.01, 1.0])
def test_embeddings_of_16_bits_are_worked_out_in_32(dtype, temperature):
    z1, z2 = (z.to(dtype) for z in views(33, 48, seed=1, apart=0.5))
    value, *gradients = with_gradients(nt_xent, z1, z2, temperature)
    assert value.dtype == torch.float32
    assert all(g.dtype == dtype and g.isfinite().all() for g in gradients)
    right, *slopes = with_gradients(nt_xent, z1.float(), z2.float(), temperature)
    assert value == right
    for mine, exact in zip(gradients, slopes, strict=True):
        torch.testing.assert_close(mine, exact.to(dtype))


def test_autocast_does_not_round_the_cosines():
    z1, z2 = (z.float() for z in views(16, 32, seed=2))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = nt_xent(z1, z2, 0.05), similarity(z1)
    assert inside[0] == nt_xent(z1, z2, 0.05)
    assert torch.equal(inside[1], similarity(z1))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_two_views_along_two_axes_cost_ln_of_1_plus_2_over_e_squared(dtype):
    z = torch.eye(2, dtype=dtype)  # cosines 1 with the other view, 0 with both of the other picture
    expected = math.log(1 + 2 * math.exp(-2))
    assert float(nt_xent(z, z, 0.5)) == pytest.approx(expected, abs=1e-6)


@given(pictures, dimensions, temperatures)
def test_identical_embeddings_cost_as_much_as_guessing(n, dim, temperature):
    z = torch.full((n, dim), 0.3)
    assert float(nt_xent(z, z, temperature)) == pytest.approx(math.log(2 * n - 1), abs=1e-5)


def test_with_one_picture_there_is_nothing_to_confuse():
    z1, z2 = views(1, 5, seed=0)
    value, *gradients = with_gradients(nt_xent, z1, z2, 0.1)
    assert value == 0
    assert all((g == 0).all() for g in gradients)


@quickly
@given(pictures, dimensions, temperatures, seeds)
def test_order_views_lengths_and_axes_of_the_embeddings_do_not_matter(n, dim, temperature, seed):
    z1, z2 = views(n, dim, seed)
    expected = nt_xent(z1, z2, temperature)
    generator = seeded(seed + 1)
    order = torch.randperm(n, generator=generator)
    longer = 0.1 + 9 * torch.rand(n, 1, generator=generator, dtype=torch.float64)
    turn = torch.linalg.qr(torch.randn(dim, dim, generator=generator, dtype=torch.float64)).Q
    for same in (
        nt_xent(z1[order], z2[order], temperature),
        nt_xent(z2, z1, temperature),
        nt_xent(longer * z1, z2, temperature),
        nt_xent(z1 @ turn, z2 @ turn, temperature),
    ):
        torch.testing.assert_close(same, expected, rtol=1e-9, atol=1e-9)


@quickly
@given(st.integers(1, 12), dimensions, seeds)
def test_similarity_is_the_cosine_of_any_two(m, dim, seed):
    z = views(m, dim, seed)[0]
    cosines = similarity(z)
    expected = nn.functional.cosine_similarity(z[:, None], z[None], dim=2)
    torch.testing.assert_close(cosines, expected, rtol=1e-9, atol=1e-9)
    assert torch.equal(cosines, cosines.T)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, *HALVES])
def test_an_embedding_of_zeros_is_like_nothing_and_spoils_no_gradient(dtype):
    z = torch.tensor([[0.0, 0.0], [3.0, 4.0], [0.0, 0.0]], dtype=dtype, requires_grad=True)
    cosines = similarity(z)
    assert cosines.detach().tolist() == [[0, 0, 0], [0, pytest.approx(1), 0], [0, 0, 0]]
    nt_xent(z[:1], z[1:2], 0.5).backward()
    nt_xent(z[:2], z[1:], 0.5).backward()
    assert z.grad.isfinite().all()


def test_similarity_has_the_right_gradient():
    z = views(4, 3, seed=0)[0].requires_grad_()
    assert torch.autograd.gradcheck(similarity, z)


@pytest.mark.parametrize(
    ("shapes", "temperature", "told"),
    [
        (((4, 8), (3, 8)), 0.5, r"\(4, 8\) and \(3, 8\)"),
        (((0, 8), (0, 8)), 0.5, "N at least 1"),
        (((8,), (8,)), 0.5, r"\(N, D\)"),
        (((4, 8), (4, 8)), 0.0, "temperature must be a number above 0, got 0.0"),
        (((4, 8), (4, 8)), -1.0, "got -1.0"),
        (((4, 8), (4, 8)), math.nan, "got nan"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(shapes, temperature, told):
    with pytest.raises(ValueError, match=told):
        nt_xent(torch.ones(shapes[0]), torch.ones(shapes[1]), temperature)


def test_similarity_of_something_else_than_a_matrix_is_refused():
    with pytest.raises(ValueError, match=r"\(M, D\), got \(2, 3, 4\)"):
        similarity(torch.ones(2, 3, 4))


def some(n: int, size: int = 16) -> Split:
    pixels = torch.randint(0, 256, (n, 3, size, size), dtype=torch.uint8, generator=seeded())
    return Split(pixels, torch.full((n,), -1))


class Watched(nn.Module):
    """Embeds a picture by its first values, and remembers what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))
        self.seen: list[torch.Tensor] = []

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.seen.append(x.detach().clone())
        return self.scale * x.flatten(1)[:, :20]


def test_two_views_are_drawn_independently():
    x = some(6).images
    torch.manual_seed(0)
    view1, view2 = two_views(x, Augmentation())
    assert view1.shape == view2.shape == x.shape
    assert not (view1 == view2).flatten(1).all(dim=1).any()


def test_both_views_go_through_the_network_in_one_batch():
    model, x = Watched(), some(5).images
    simclr(lambda pictures: pictures / 2, 0.5)(model, x, torch.zeros(5))
    assert len(model.seen) == 1
    assert torch.equal(model.seen[0], torch.cat([x, x]) / 2)


def test_the_objective_is_nt_xent_and_counts_views_found():
    model, x = Watched(), some(9).images
    same = simclr(lambda pictures: pictures, 0.5)(model, x, torch.zeros(9))
    z = model(x)
    assert same["loss"] == nt_xent(z, z, 0.5)
    assert same["accuracy"] == 1
    calls = iter((x, x.roll(1, 0)))  # the other view is another picture: never found
    assert simclr(lambda _: next(calls), 0.5)(model, x, torch.zeros(9))["accuracy"] == 0


def test_labels_are_ignored():
    x = some(4).images
    values = []
    for y in (torch.zeros(4), torch.tensor([3, -1, 7, 2])):
        torch.manual_seed(1)
        values.append(simclr()(Watched(), x, y)["loss"])
    assert values[0] == values[1]


def test_validation_sees_the_same_views_each_time_and_leaves_the_random_numbers_alone():
    model, data = Watched(), some(24)
    torch.manual_seed(5)
    state = torch.get_rng_state()
    first = evaluate(model, data, simclr(temperature=0.5), batch_size=8)
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(6)
    assert evaluate(model, data, simclr(temperature=0.5), batch_size=8) == first
    model.train()
    assert (
        simclr()(model, data.images, data.labels)["loss"]
        != simclr()(model, data.images, data.labels)["loss"]
    )


def test_fit_teaches_a_network_to_find_the_other_view():
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = Encoder(width=8)
            self.head = nn.Sequential(nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 16))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.head(self.encoder(x))

    torch.manual_seed(0)
    data = world(128, seed=0, size=32)
    objective = simclr(Augmentation(crop=(0.6, 1), colour=0.4), 0.2)
    history = fit(
        Net(), data, data, epochs=8, batch_size=32, lr=1e-2, objective=objective, progress=False
    )
    assert history["train_loss"][-1] < history["train_loss"][0] - 0.3
    assert history["validation_loss"][-1] < math.log(2 * 32 - 1) - 0.4  # what guessing costs


def test_a_temperature_of_nothing_is_refused_before_any_training():
    with pytest.raises(ValueError, match="temperature"):
        simclr(temperature=0)
