"""Patch localisation: pairs lie where they should, by fair chance; the remedies remove what they should."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage, stats
from sklearn.neighbors import NearestNeighbors

from course_utils import selfsup
from course_utils.models import Encoder
from course_utils.models.pretext import PatchNet
from course_utils.selfsup.patches import OFFSETS, fitting, pair_places


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def numbered(n, side):
    """Pictures in which every pixel tells its picture, row and column: (n, 3, side, side)."""
    picture = torch.arange(n).view(n, 1, 1).expand(n, side, side)
    row = torch.arange(side).view(1, side, 1).expand(n, side, side)
    return torch.stack([picture, row, row.transpose(1, 2)], dim=1).float()


def test_positions_go_row_by_row_around_the_centre():
    around = [selfsup.neighbour_offset(p) for p in range(8)]
    assert around == [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)]


@pytest.mark.parametrize("position", [-1, 8, 2.5])
def test_a_position_outside_the_eight_is_named(position):
    with pytest.raises(ValueError, match=f"from 0 to 7, got {position}"):
        selfsup.neighbour_offset(position)


sizes = st.integers(8, 30)


@given(sizes, st.integers(1, 9), st.integers(0, 4), st.integers(0, 3), st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_both_patches_lie_inside_and_as_far_apart_as_their_position_says(
    side, patch, gap, jitter, seed
):
    images = numbered(17, side)
    try:
        centres, neighbours, positions = selfsup.pair_batch(
            images, patch, gap, jitter, seeded(seed)
        )
    except ValueError:
        assert not any(
            len(fitting(side, patch, gap, jitter)[r]) and len(fitting(side, patch, gap, jitter)[c])
            for r, c in OFFSETS
        )
        return
    assert centres.shape == neighbours.shape == (17, 3, patch, patch)
    assert positions.dtype == torch.int64
    # Cut whole out of its own picture: rows and columns count up by one.
    for patches in (centres, neighbours):
        assert torch.equal(patches[:, 0], centres[:, :1, 0, 0, None].expand(-1, patch, patch))
        assert (patches[:, 1].diff(dim=1) == 1).all()
        assert (patches[:, 2].diff(dim=2) == 1).all()
    apart = (neighbours - centres)[:, 1:, 0, 0]  # rows, columns
    grid = torch.tensor(OFFSETS)[positions] * (patch + gap)
    assert (apart - grid).abs().max() <= jitter


def test_every_place_of_every_position_is_equally_likely():
    """Against a list of all that fit, by a chi-squared test; a side so small that some do not fit."""
    side, patch, gap, jitter = 9, 3, 1, 1
    corners, positions = pair_places(200_000, (side, side), patch, gap, jitter, seeded())
    drawn = Counter(
        (int(p), *c)
        for p, c in zip(positions, corners.transpose(0, 1).flatten(1).tolist(), strict=True)
    )
    inside = range(side - patch + 1)
    moves = range(-jitter, jitter + 1)
    for position, (r, c) in enumerate(OFFSETS):
        places = [
            (position, y, x, y + r * (patch + gap) + dy, x + c * (patch + gap) + dx)
            for y in inside
            for x in inside
            for dy in moves
            for dx in moves
            if y + r * (patch + gap) + dy in inside and x + c * (patch + gap) + dx in inside
        ]
        counts = [drawn.pop(place, 0) for place in places]
        assert stats.chisquare(counts).pvalue > 1e-4
    assert not drawn, "a pair that does not fit was drawn"
    assert stats.chisquare(positions.bincount()).pvalue > 1e-4


def test_positions_that_do_not_fit_are_left_out_and_the_others_stay_fair():
    """A picture lower than two patches: only left and right are possible."""
    _, positions = pair_places(4000, (6, 20), 5, 1, 0, seeded())
    assert set(positions.tolist()) == {3, 4}
    assert stats.binomtest(int((positions == 3).sum()), 4000).pvalue > 1e-4


def test_a_pair_that_fits_nowhere_says_what_to_do():
    with pytest.raises(ValueError, match=r"patch_size 25, gap 0 and jitter 0 .* 48 x 48.*smaller"):
        selfsup.pair_batch(torch.rand(2, 3, 48, 48), 25, 0, 0)
    with pytest.raises(ValueError, match="gap must be at least 0, got -1"):
        selfsup.pair_batch(torch.rand(2, 3, 48, 48), 8, -1, 0)


def test_one_pair_is_a_batch_of_one_and_a_seed_means_the_same_twice():
    image = torch.rand(3, 48, 48, generator=seeded(1))
    centre, neighbour, position = selfsup.sample_pair(image, 12, 3, 2, seeded(5))
    again = selfsup.pair_batch(image[None], 12, 3, 2, seeded(5))
    assert torch.equal(centre, again[0][0])
    assert torch.equal(neighbour, again[1][0])
    assert position == int(again[2])
    assert isinstance(position, int)


def test_cutting_copies_and_leaves_the_pictures_alone():
    images = torch.rand(4, 3, 20, 20, generator=seeded())
    before = images.clone()
    centres, _, _ = selfsup.pair_batch(images, 6, 1, 1, seeded())
    centres.zero_()
    assert torch.equal(images, before)


def test_one_channel_stays_and_the_others_are_faint_noise_around_its_mean():
    patches = torch.rand(3000, 3, 8, 8, generator=seeded())
    dropped = selfsup.drop_colour(patches, seeded(1))
    same = (dropped == patches).flatten(2).all(dim=2)  # (3000, 3)
    assert (same.sum(dim=1) == 1).all()
    assert stats.chisquare(same.sum(dim=0)).pvalue > 1e-4
    channel = patches[same]  # (3000, 8, 8)
    mean, std = channel.mean(dim=(1, 2)), channel.flatten(1).std(dim=1)
    noise = dropped[~same].view(3000, 2, 64)
    standard = (noise - mean.view(-1, 1, 1)) / (std / 100).view(-1, 1, 1)
    assert standard.mean().abs() < 0.01
    assert standard.std() == pytest.approx(1, abs=0.02)
    # The two are drawn apart.
    assert abs(float((standard[:, 0] * standard[:, 1]).mean())) < 0.01


def test_the_nearest_are_those_that_another_library_finds():
    bank, query = torch.randn(60, 7, generator=seeded()), torch.randn(9, 7, generator=seeded(1))
    oracle = NearestNeighbors(n_neighbors=5, metric="cosine").fit(bank.double().numpy())
    wanted = oracle.kneighbors(query.double().numpy(), return_distance=False)
    assert np.array_equal(selfsup.nearest(query, bank, 5).numpy(), wanted)


@given(st.floats(1e-3, 1e3), st.integers(0, 50))
@settings(max_examples=25, deadline=None)
def test_how_long_a_vector_is_does_not_matter_to_its_neighbours(scale, seed):
    bank, query = (
        torch.randn(20, 5, generator=seeded(seed)),
        torch.randn(3, 5, generator=seeded(seed + 1)),
    )
    assert torch.equal(selfsup.nearest(query, bank, 2), selfsup.nearest(scale * query, bank, 2))


def test_zero_vectors_are_neighbours_of_nobody_and_more_than_the_bank_can_not_be_asked_for():
    bank = torch.tensor([[0.0, 0.0], [1.0, 0.0], [-1.0, 0.0]])
    assert selfsup.nearest(torch.tensor([[1.0, 0.0]]), bank, 3).tolist() == [[1, 0, 2]]
    with pytest.raises(ValueError, match="the bank's 3 rows, got 4"):
        selfsup.nearest(bank, bank, 4)


def test_fringes_magnify_red_and_green_as_scipy_does():
    x = torch.rand(1, 3, 24, 24, generator=seeded())
    seen = selfsup.colour_fringes(x, 0.1)
    middle = (24 - 1) / 2
    for channel, larger in enumerate((1.1, 1.05, 1.0)):
        wanted = ndimage.affine_transform(
            x[0, channel].double().numpy(),
            [1 / larger] * 2,
            offset=middle - middle / larger,
            order=1,
            mode="nearest",
        )
        assert np.allclose(seen[0, channel].numpy(), wanted, atol=1e-5)


def test_a_perfect_lens_changes_nothing_and_a_negative_one_there_is_not():
    x = torch.rand(2, 3, 16, 16)
    assert torch.allclose(selfsup.colour_fringes(x, 0.0), x, atol=1e-5)
    with pytest.raises(ValueError, match=r"at least 0, got -0.1"):
        selfsup.colour_fringes(x, -0.1)


def test_touching_borders_of_a_slope_are_matched_and_a_gap_hides_them():
    """Smooth pictures, no two places alike: the place follows from the border alone."""
    noise = torch.rand(200, 3, 6, 6, generator=seeded())
    smooth = torch.nn.functional.interpolate(noise, size=40, mode="bicubic", align_corners=False)
    rates = []
    for gap, jitter in ((0, 0), (6, 2)):
        centres, neighbours, positions = selfsup.pair_batch(smooth, 10, gap, jitter, seeded())
        right = selfsup.match_borders(centres, neighbours) == positions
        rates.append(float(right.float().mean()))
    assert rates[0] > 0.9
    assert rates[1] < 0.3


def test_misfits_look_at_the_touching_pixels_and_at_nothing_else():
    centres, neighbours = torch.rand(2, 5, 3, 6, 6, generator=seeded())
    before = selfsup.border_misfits(centres, neighbours)
    right_of = (centres[:, :, :, -1] - neighbours[:, :, :, 0]).square().mean(dim=(1, 2))
    below_left = (centres[:, :, -1, 0] - neighbours[:, :, 0, -1]).square().mean(dim=1)
    assert torch.allclose(before[:, 4], right_of)
    assert torch.allclose(before[:, 5], below_left)
    for patches in (centres, neighbours):
        patches[:, :, 1:-1, 1:-1] = 0
    assert torch.equal(selfsup.border_misfits(centres, neighbours), before)


def test_a_network_that_sees_only_borders_learns_the_puzzle_while_the_pieces_touch():
    from course_utils.data import Split
    from course_utils.training import evaluate, fit

    noise = torch.rand(400, 3, 6, 6, generator=seeded())
    smooth = torch.nn.functional.interpolate(noise, size=40, mode="bicubic", align_corners=False)
    split = Split((255 * smooth.clamp(0, 1)).byte(), torch.full((400,), -1))
    torch.manual_seed(0)
    net = selfsup.BorderNet()
    touching = selfsup.patches(10, 0, 0, drop_colour=False)
    fit(net, split, epochs=8, batch_size=50, lr=1e-2, objective=touching, progress=False)
    assert evaluate(net, split, touching)["accuracy"] > 0.8
    apart = selfsup.patches(10, 6, 2, drop_colour=False)
    assert evaluate(net, split, apart)["accuracy"] < 0.35


def test_the_objective_gives_the_loss_of_its_pairs_and_ignores_the_labels():
    torch.manual_seed(0)
    net = PatchNet(Encoder(4)).eval()
    x = torch.rand(20, 3, 32, 32, generator=seeded())
    task = selfsup.patches(8, 2, 1, drop_colour=False)
    with torch.no_grad():
        found = task(net, x, torch.zeros(20, dtype=torch.int64))
        assert found == task(net, x, torch.ones(20, dtype=torch.int64)), "repeatable in eval mode"
        centres, neighbours, positions = selfsup.pair_batch(x, 8, 2, 1, seeded(0))
        logits = net(centres, neighbours).double()
    wanted = -logits.log_softmax(1)[torch.arange(20), positions].mean()
    assert float(found["loss"]) == pytest.approx(float(wanted), abs=1e-5)
    right = (logits.argmax(1) == positions).double().mean()
    assert float(found["accuracy"]) == pytest.approx(float(right), abs=1e-6)


def test_in_train_mode_every_look_at_a_picture_cuts_other_pairs():
    torch.manual_seed(0)
    net = PatchNet(Encoder(4)).train()
    x = torch.rand(20, 3, 32, 32)
    task = selfsup.patches(8, 2, 1)
    first, second = (float(task(net, x, x)["loss"].detach()) for _ in range(2))
    assert first != second


def test_the_puzzle_is_learnt_where_every_place_looks_different():
    """Colour tells the place: a few steps of training are enough."""
    from course_utils.data import Split
    from course_utils.training import evaluate, fit

    ramp = torch.linspace(0, 255, 24).byte()
    picture = torch.stack(
        [ramp.view(-1, 1).expand(24, 24), ramp.expand(24, 24), torch.full((24, 24), 128)]
    ).byte()
    split = Split(picture.expand(256, -1, -1, -1).contiguous(), torch.full((256,), -1))
    torch.manual_seed(0)
    net = PatchNet(Encoder(4))
    task = selfsup.patches(6, 1, 0, drop_colour=False)
    fit(net, split, epochs=12, batch_size=32, lr=1e-2, objective=task, progress=False)
    assert evaluate(net, split, task)["accuracy"] > 0.6
