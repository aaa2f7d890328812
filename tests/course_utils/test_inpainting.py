"""Inpainting: holes lie where they should by fair chance, and every fill touches the hole alone."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import interpolate, stats
from torch import nn

from course_utils import selfsup
from course_utils.data import Split
from course_utils.models import UNet
from course_utils.selfsup import square_mask
from course_utils.training import evaluate, fit


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def x():
    return torch.rand(6, 3, 16, 16, generator=seeded(1))


class Constant(nn.Module):
    """Adds one value everywhere, and keeps what it was given."""

    def __init__(self, value):
        super().__init__()
        self.value = nn.Parameter(torch.tensor(value))
        self.norm = nn.BatchNorm2d(3)

    def forward(self, seen):
        self.seen = seen
        return self.value.expand(len(seen), 3, *seen.shape[2:])


BANK = torch.rand(9, 3, 16, 16, generator=seeded(8))
FILLS = {
    "mean": selfsup.mean_fill,
    "bilinear": selfsup.bilinear_fill,
    "network": lambda x, mask: selfsup.inpaint(Constant(0.25), x, mask),
    "borrowed": lambda x, mask: selfsup.neighbour_fill(x, mask, BANK, 2),
}


@given(st.integers(1, 9), st.integers(4, 40), st.floats(0.001, 1), st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_each_picture_has_one_square_hole_of_about_the_fraction_wholly_inside(
    n, size, fraction, seed
):
    mask = selfsup.hole_mask(n, size, fraction, seeded(seed))
    assert mask.shape == (n, 1, size, size)
    assert set(mask.unique().tolist()) <= {0.0, 1.0}
    side = round(float(mask[0].sum()) ** 0.5)
    assert side == 1 or abs(side - size * fraction**0.5) <= 0.5
    for hole in mask[:, 0].bool():
        assert hole.sum() == side * side
        rows, columns = (hole.any(dim=axis).nonzero() for axis in (1, 0))
        assert rows.max() - rows.min() == columns.max() - columns.min() == side - 1


def test_every_place_is_equally_likely_the_rim_too():
    """Against a uniform count of all corners, by a chi-squared test."""
    mask = selfsup.hole_mask(40_000, 9, 0.16, seeded())  # 4 x 4 pixels: 6 x 6 corners
    corners = mask.flatten(1).argmax(dim=1)  # the first missing pixel
    counts = Counter(corners.tolist())
    assert len(counts) == 36
    assert stats.chisquare(list(counts.values())).pvalue > 1e-4


def test_a_seed_means_the_same_holes_and_none_means_torchs_own():
    draw = selfsup.hole_mask
    assert torch.equal(draw(9, 20, 0.2, seeded(3)), draw(9, 20, 0.2, seeded(3)))
    assert not torch.equal(draw(9, 20, 0.2, seeded(3)), draw(9, 20, 0.2, seeded(4)))
    with torch.random.fork_rng([]):
        torch.manual_seed(7)
        one = draw(9, 20, 0.2)
        torch.manual_seed(7)
        assert torch.equal(one, draw(9, 20, 0.2))


@pytest.mark.parametrize("fraction", [0.0, -0.2, 1.5, float("nan")])
def test_a_fraction_that_no_hole_has_is_named(fraction):
    for ask in (lambda: selfsup.hole_mask(2, 8, fraction), lambda: selfsup.inpainting(fraction)):
        with pytest.raises(ValueError, match=f"at most 1, got {fraction}"):
            ask()


def test_a_hole_of_ones_own_lies_where_it_was_put_or_is_refused():
    mask = square_mask(2, 10, 3, 5, 4)
    assert mask.sum() == 32
    assert mask[:, 0, 3:7, 5:9].all()
    with pytest.raises(ValueError, match=r"4 x 4 pixels at row 7, column 0 .* 10 x 10"):
        square_mask(1, 10, 7, 0, 4)


def test_the_loss_is_the_mean_over_missing_values_of_the_whole_batch():
    """Against a float64 loop; holes of unequal size are pooled, not averaged picture by picture."""
    prediction, x = torch.rand(2, 3, 4, 6, 6, generator=seeded(2)).unbind()
    prediction, x = prediction.transpose(0, 1), x.transpose(0, 1)  # (4, 3, 6, 6)
    mask = (torch.rand(4, 1, 6, 6, generator=seeded(3)) < 0.3).float()
    mask[0] = 0
    errors = [
        float(prediction[n, c, i, j].double() - x[n, c, i, j].double()) ** 2
        for n in range(4)
        for c in range(3)
        for i in range(6)
        for j in range(6)
        if mask[n, 0, i, j]
    ]
    loss = selfsup.inpainting_loss(prediction, x, mask)
    assert float(loss) == pytest.approx(np.mean(errors), rel=1e-5)


def test_the_loss_of_no_hole_is_nothing_and_its_gradient_stays_in_the_hole():
    prediction = torch.rand(2, 3, 8, 8, generator=seeded(), requires_grad=True)
    x = torch.rand(2, 3, 8, 8, generator=seeded(1))
    assert selfsup.inpainting_loss(prediction, x, torch.zeros(2, 1, 8, 8)) == 0
    mask = square_mask(2, 8, 2, 3, 4)
    selfsup.inpainting_loss(prediction, x, mask).backward()
    moved = prediction.grad != 0
    assert torch.equal(moved, mask.bool().expand_as(moved))


@given(st.integers(1, 14), st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_every_fill_leaves_what_is_visible_and_does_not_peek_into_the_hole(side, seed):
    x = torch.rand(3, 3, 16, 16, generator=seeded(seed))
    mask = selfsup.hole_mask(3, 16, (side / 16) ** 2, seeded(seed))
    missing = mask.bool().expand_as(x)
    other = torch.where(missing, torch.rand(x.shape, generator=seeded(seed + 1)), x)
    for name, fill in FILLS.items():
        kept = x.clone()
        filled = fill(x, mask)
        assert torch.equal(x, kept), name
        assert torch.equal(filled[~missing], x[~missing]), name
        assert torch.equal(filled, fill(other, mask)), f"{name} peeks"
        assert filled.min() >= 0, name
        assert filled.max() <= 1, name


def test_the_mean_is_each_pictures_own_visible_mean(x):
    mask = selfsup.hole_mask(6, 16, 0.2, seeded())
    filled = selfsup.mean_fill(x, mask)
    for picture, hole, result in zip(x, mask[:, 0].bool(), filled, strict=True):
        want = np.asarray(picture.double())[:, ~hole.numpy()].mean(axis=1)
        assert result[:, hole].T.numpy() == pytest.approx(
            np.broadcast_to(want, (int(hole.sum()), 3)), abs=1e-6
        )


def lines(picture, row, column, side):
    """scipy's straight lines from border to border of a square hole, mean of both directions; (side, side)."""
    pixels = picture.double().numpy()
    rows, columns = np.arange(row, row + side), np.arange(column, column + side)
    outside = [column - 1, column + side], [row - 1, row + side]
    across = interpolate.interp1d(outside[0], pixels[rows][:, outside[0]], axis=1)(columns)
    down = interpolate.interp1d(outside[1], pixels[outside[1]][:, columns], axis=0)(rows)
    return (across + down) / 2


def test_bilinear_lines_are_those_of_scipy(x):
    for row, column, side in ((1, 1, 1), (3, 6, 5), (1, 1, 14)):
        filled = selfsup.bilinear_fill(x, square_mask(6, 16, row, column, side))
        for picture, result in zip(x.flatten(0, 1), filled.flatten(0, 1), strict=True):
            inside = result[row : row + side, column : column + side].numpy()
            assert inside == pytest.approx(lines(picture, row, column, side), abs=1e-5)


def test_bilinear_continues_a_plane_of_colour_exactly():
    row, column = torch.meshgrid(torch.arange(12.0), torch.arange(12.0), indexing="ij")
    plane = (0.1 + 0.03 * row + 0.02 * column).expand(2, 3, 12, 12)
    filled = selfsup.bilinear_fill(plane, square_mask(2, 12, 3, 4, 6))
    assert torch.allclose(filled, plane, atol=1e-6)


def test_at_the_rim_bilinear_takes_the_sides_there_are(x):
    """In the upper left corner: the pixel right of the hole and the one below it, half each."""
    filled = selfsup.bilinear_fill(x, square_mask(6, 16, 0, 0, 4))
    want = (x[:, :, :4, 4, None] + x[:, :, 4, None, :4]) / 2
    assert torch.allclose(filled[:, :, :4, :4], want, atol=1e-6)
    # A hole as wide as the picture: straight down.
    band = torch.zeros(6, 1, 16, 16)
    band[:, :, 5:8] = 1
    filled = selfsup.bilinear_fill(x, band)
    steps = torch.tensor([0.25, 0.5, 0.75]).view(3, 1)
    want = x[:, :, 4, None] * (1 - steps) + x[:, :, 8, None] * steps
    assert torch.allclose(filled[:, :, 5:8], want, atol=1e-6)


def test_where_nothing_is_visible_there_is_grey(x):
    everything = torch.ones(6, 1, 16, 16)
    for fill in (selfsup.mean_fill, selfsup.bilinear_fill):
        assert (fill(x, everything) == 0.5).all()


def test_the_network_sees_straight_lines_and_the_mask_and_its_answer_is_clamped(x):
    mask = selfsup.hole_mask(6, 16, 0.2, seeded())
    lines = selfsup.bilinear_fill(x, mask)
    missing = mask.bool().expand_as(x)
    model = Constant(1.7)
    assert (selfsup.inpaint(model, x, mask)[missing] == 1).all()
    assert torch.equal(model.seen, torch.cat([lines, mask], dim=1))
    added = selfsup.inpaint(Constant(0.05), x, mask) - lines
    want = torch.where(missing, (lines + 0.05).clamp(max=1) - lines, 0)
    assert torch.allclose(added, want, atol=1e-6)


def test_inpaint_leaves_the_model_as_it_found_it_and_no_graph(x):
    torch.manual_seed(0)
    model = UNet(4, 3, 4).train()
    model.enter.eval()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    filled = selfsup.inpaint(model, x, selfsup.hole_mask(6, 16, 0.2, seeded()))
    assert not filled.requires_grad
    assert model.training
    assert model.down.training
    assert not model.enter.training
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


def test_borrowed_from_the_pictures_that_fit_best_around_the_hole(x):
    """Against a float64 loop over a ring of two pixels, the picture's rim cut off."""
    bank = torch.rand(40, 3, 16, 16, generator=seeded(5))
    mask = square_mask(6, 16, 1, 4, 5)
    ring = square_mask(1, 16, 0, 2, 9)[0, 0]  # row -1 does not exist
    ring[8] = 0
    ring = (ring - mask[0, 0]).bool().numpy()
    for k in (1, 3):
        filled = selfsup.neighbour_fill(x, mask, bank, k, ring=2)
        for picture, result in zip(x, filled, strict=True):
            off = (bank.double() - picture.double()).numpy()[:, :, ring]
            best = np.argsort((off**2).sum(axis=(1, 2)))[:k]
            want = bank[best].mean(dim=0)[:, 1:6, 4:9]
            assert torch.allclose(result[:, 1:6, 4:9], want, atol=1e-6)
            assert torch.equal(result[:, 6:], picture[:, 6:])


def test_more_pictures_to_average_than_there_are_is_refused(x):
    with pytest.raises(ValueError, match="from 1 to the 6 pictures there are, got 7"):
        selfsup.neighbour_fill(x, square_mask(6, 16, 1, 4, 5), x, k=7)


def test_gradient_energy_is_that_of_the_pairs_inside_the_hole():
    """Against numpy on the square cut out; a flat fill has none, noise of half the strength a quarter."""
    x = torch.rand(3, 3, 12, 12, generator=seeded())
    mask = square_mask(3, 12, 2, 4, 5)
    inside = x[:, :, 2:7, 4:9].double().numpy()
    steps = np.concatenate([np.diff(inside, axis=axis).ravel() for axis in (2, 3)])
    energy = float(selfsup.gradient_energy(x, mask))
    assert energy == pytest.approx(np.mean(steps**2), rel=1e-5)
    assert selfsup.gradient_energy(selfsup.mean_fill(x, mask), mask) == pytest.approx(0, abs=1e-12)
    assert float(selfsup.gradient_energy(x / 2, mask)) == pytest.approx(energy / 4, rel=1e-5)
    assert selfsup.gradient_energy(x, square_mask(3, 12, 0, 0, 1)) == 0


def test_training_holes_change_and_those_of_an_evaluation_do_not(x):
    model, objective = Constant(0.5), selfsup.inpainting(0.1)
    y = torch.zeros(6)

    def holes(training):
        model.train(training)
        objective(model, x, y)
        return model.seen[:, 3]

    with torch.random.fork_rng([]):
        torch.manual_seed(0)
        assert not torch.equal(holes(True), holes(True))
    assert torch.equal(holes(False), holes(False))


def test_a_pair_of_fractions_gives_every_picture_a_hole_of_its_own_size():
    model = Constant(0.5).eval()
    x = torch.rand(400, 3, 20, 20, generator=seeded())
    selfsup.inpainting((0.04, 0.25))(model, x, torch.zeros(400))
    sides = model.seen[:, 3].sum(dim=(1, 2)).sqrt()
    counts = sides.long().bincount()
    assert counts.nonzero().flatten().tolist() == list(range(4, 11))
    assert stats.chisquare(counts[4:]).pvalue > 1e-4


def test_several_holes_of_a_picture_are_missing_all_at_once():
    """As much is missing as three squares at independent places leave no pixel of; by a law of large numbers."""
    model = Constant(0.5).eval()
    x = torch.rand(2000, 3, 12, 12, generator=seeded())
    one, three = (_missing(model, x, holes) for holes in (1, 3))
    assert (one.sum(dim=(1, 2)) == 16).all()
    assert three.max() == 1
    assert torch.allclose(three.mean(dim=0), 1 - (1 - one.mean(dim=0)) ** 3, atol=0.06)
    with pytest.raises(ValueError, match="holes must be at least 1, got 0"):
        selfsup.inpainting(0.1, holes=0)


def _missing(model, x, holes):
    selfsup.inpainting(1 / 9, holes)(model, x, torch.zeros(len(x)))
    return model.seen[:, 3]


def test_the_objective_is_the_loss_inside_the_hole(x):
    model = Constant(0.1).eval()
    loss = selfsup.inpainting(0.1)(model, x, torch.zeros(6))["loss"]
    mask = model.seen[:, 3:]
    error = selfsup.bilinear_fill(x, mask) + 0.1 - x
    want = error[mask.bool().expand_as(x)].square().mean()
    assert float(loss.detach()) == pytest.approx(float(want), rel=1e-5)


def halves(n, seed):
    """The left half of each picture in one colour, the right half in another: an edge no straight line has."""
    pixels = torch.randint(256, (n, 3, 1, 16), dtype=torch.uint8, generator=seeded(seed))
    pixels[..., :8], pixels[..., 8:] = pixels[..., :1].clone(), pixels[..., -1:].clone()
    return Split(pixels.expand(-1, -1, 16, -1), torch.zeros(n, dtype=torch.int64))


def test_a_small_network_learns_what_straight_lines_can_not_know():
    torch.manual_seed(0)
    model, objective = UNet(4, 3, 4), selfsup.inpainting(0.2)
    nn.init.zeros_(model.leave.weight)
    nn.init.zeros_(model.leave.bias)
    lines = evaluate(model, halves(100, 1), objective)["loss"]
    fit(
        model, halves(200, 0), epochs=6, batch_size=20, lr=1e-2, objective=objective, progress=False
    )
    assert evaluate(model, halves(100, 1), objective)["loss"] < 0.7 * lines
