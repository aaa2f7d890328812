"""The laws of steps, projections and random starts, for any perturbation and any eps."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.attacks import L2, Linf

NORMS = [Linf(), L2()]
EPS = st.just(0.0) | st.floats(2**-20, 4, width=32)
SCALES = st.sampled_from([0.0, 1e-30, 1e-3, 0.1, 1.0, 100.0])


@st.composite
def perturbations(draw) -> torch.Tensor:
    """(N, 3, H, H), from all zero to far outside every ball."""
    seed, n, side = draw(st.integers(0, 2**31)), draw(st.integers(1, 4)), draw(st.integers(1, 6))
    generator = torch.Generator().manual_seed(seed)
    scales = torch.tensor(draw(st.lists(SCALES, min_size=n, max_size=n))).view(n, 1, 1, 1)
    return scales * torch.randn(n, 3, side, side, generator=generator)


@pytest.mark.parametrize("norm", NORMS)
@given(delta=perturbations(), eps=EPS)
def test_a_projection_lies_in_the_ball(norm, delta, eps):
    assert (norm.size(norm.project(delta, eps)) <= eps * (1 + 1e-6)).all()


@pytest.mark.parametrize("norm", NORMS)
@given(delta=perturbations(), eps=EPS)
def test_a_projection_is_idempotent(norm, delta, eps):
    once = norm.project(delta, eps)
    torch.testing.assert_close(norm.project(once, eps), once, atol=0, rtol=1e-6)


@pytest.mark.parametrize("norm", NORMS)
@given(delta=perturbations(), eps=EPS)
def test_a_projection_leaves_what_is_inside_alone(norm, delta, eps):
    inside = norm.size(delta.double()) <= eps * (1 - 1e-6)  # 1e-30 squared is zero in float32
    assert torch.equal(norm.project(delta, eps)[inside], delta[inside])


@pytest.mark.parametrize("norm", NORMS)
@given(delta=perturbations(), eps=EPS, seed=st.integers(0, 2**31))
def test_nothing_in_the_ball_is_nearer_than_the_projection(norm, delta, eps, seed):
    """Among points of the ball drawn at random and the centre, in the Euclidean distance."""
    distance = L2().size(delta - norm.project(delta, eps))
    generator = torch.Generator().manual_seed(seed)
    others = [norm.random(delta, eps, generator) for _ in range(5)] + [torch.zeros_like(delta)]
    for other in others:
        assert (distance <= L2().size(delta - other) * (1 + 1e-5) + 1e-6).all()


@given(delta=perturbations(), eps=EPS)
def test_the_l2_projection_keeps_the_direction(delta, eps):
    projected = L2().project(delta, eps)
    dot = (projected * delta).flatten(1).sum(dim=1)
    assert torch.allclose(dot, L2().size(projected) * L2().size(delta), rtol=1e-4, atol=1e-9)


@pytest.mark.parametrize("norm", NORMS)
@given(grad=perturbations(), step_size=st.floats(0, 1, width=32))
def test_a_step_has_its_length_however_small_the_gradient(norm, grad, step_size):
    sizes = norm.size(norm.step(grad, step_size))
    moved = grad.flatten(1).abs().amax(dim=1) > 0
    assert torch.allclose(sizes[moved], torch.full_like(sizes[moved], step_size), rtol=1e-5)
    assert (sizes[~moved] == 0).all(), "no gradient, no step, and no NaN"


@pytest.mark.parametrize("norm", NORMS)
@given(grad=perturbations(), seed=st.integers(0, 2**31))
def test_no_other_step_of_that_length_climbs_more(norm, grad, seed):
    """The step maximises <step, grad> over the ball: compared with random points of it."""
    climb = (norm.step(grad, 1.0) * grad).flatten(1).sum(dim=1)
    generator = torch.Generator().manual_seed(seed)
    for _ in range(5):
        other = (norm.random(grad, 1.0, generator) * grad).flatten(1).sum(dim=1)
        assert (other <= climb * (1 + 1e-5) + 1e-6).all()


@pytest.mark.parametrize("norm", NORMS)
def test_random_starts_fill_the_ball_uniformly(norm):
    """In d dimensions the fraction within radius r of a unit ball is r^d, for either norm."""
    like = torch.zeros(20_000, 3, 1, 1)
    sizes = norm.size(norm.random(like, 1.0, torch.Generator().manual_seed(0)))
    assert sizes.max() <= 1
    for radius in (0.5, 0.8, 0.95):
        share = (sizes < radius).float().mean().item()
        assert math.isclose(share, radius**3, abs_tol=0.015)


@pytest.mark.parametrize("norm", NORMS)
def test_the_same_seed_draws_the_same_start(norm):
    like = torch.zeros(3, 3, 4, 4)
    first, second = (norm.random(like, 0.1, torch.Generator().manual_seed(5)) for _ in range(2))
    assert torch.equal(first, second)
    assert first.std() > 0


@pytest.mark.parametrize("norm", NORMS)
@settings(max_examples=20)
@given(delta=perturbations())
def test_double_precision_stays_double(norm, delta):
    delta = delta.double()
    for result in (norm.step(delta, 0.1), norm.project(delta, 0.1), norm.random(delta, 0.1)):
        assert result.dtype == torch.float64
