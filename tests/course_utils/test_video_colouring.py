"""Video colouring: pixels point at pixels, colours and masks follow, and training makes them point well."""

import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import jaccard_score
from torch import nn

from course_utils.models import UNet
from course_utils.selfsup import video
from course_utils.selfsup.colouring import chroma, to_grey
from course_utils.training import evaluate, fit

RED, BLUE, GROUND = (0.8, 0.2, 0.2), (0.2, 0.3, 0.9), (0.5, 0.5, 0.4)


class ByGrey(nn.Module):
    """A network that needs no training: it knows pixels by which third of the grey values they are in."""

    def forward(self, grey):
        return F.one_hot((grey[:, 0] * 2.999).long(), 3).permute(0, 3, 1, 2).float()


class Squares:
    """Clips (N, T, 3, 24, 24) of two squares that move; what `fit` needs of its data."""

    def __init__(self, n, seed, frames=4):
        chance = torch.Generator().manual_seed(seed)
        size, side = 24, 8
        self.images = torch.rand(n, 1, 3, 1, 1, generator=chance).repeat(1, frames, 1, size, size)
        for clip in self.images:
            colours = torch.rand(2, 3, generator=chance)
            ends = torch.randint(0, size - side + 1, (2, 2, 2), generator=chance).float()
            for t, frame in enumerate(clip):
                places = ends[:, 0].lerp(ends[:, 1], t / (frames - 1)).round().long()
                for colour, (row, column) in zip(colours, places.tolist(), strict=True):
                    frame[:, row : row + side, column : column + side] = colour[:, None, None]

    def __len__(self):
        return len(self.images)

    def batches(self, batch_size, *, shuffle=False, generator=None):
        order = (
            torch.randperm(len(self), generator=generator) if shuffle else torch.arange(len(self))
        )
        for chunk in order.split(batch_size):
            yield self.images[chunk], torch.zeros(len(chunk), dtype=torch.int64)


def passing(frames=3, size=24):
    """A dark square and a bright one go past each other: colours (T, 3, H, W), the dark one's masks (T, H, W)."""
    clip = torch.tensor(GROUND).view(1, 3, 1, 1).repeat(frames, 1, size, size)
    mask = torch.zeros(frames, size, size, dtype=torch.bool)
    for t in range(frames):
        clip[t, :, 2:10, 6 * t : 6 * t + 8] = torch.tensor(BLUE).mul(0.5)[:, None, None]
        clip[t, :, 12:20, 16 - 6 * t : 24 - 6 * t] = (
            torch.tensor(RED).add(0.4).clamp(0, 1)[:, None, None]
        )
        mask[t, 2:10, 6 * t : 6 * t + 8] = True
    return clip, mask


def by_loop(grey_reference, grey_target, colour_reference, temperature):
    """The definition in float64, one pixel after the other."""
    result = torch.zeros(3, *grey_target.shape[1:], dtype=torch.float64)
    colours = colour_reference.double().flatten(1).T.tolist()
    greys = grey_reference.double().flatten().tolist()
    for row in range(grey_target.shape[1]):
        for column in range(grey_target.shape[2]):
            own = float(grey_target[0, row, column])
            weights = [math.exp(-((own - grey) ** 2) / temperature) for grey in greys]
            for channel in range(3):
                total = sum(w * c[channel] for w, c in zip(weights, colours, strict=True))
                result[channel, row, column] = total / sum(weights)
    return result


@pytest.mark.parametrize("temperature", [0.01, 0.1, 10.0])
def test_grey_matching_is_the_softmax_weighted_mean_that_a_float64_loop_finds(temperature):
    chance = torch.Generator().manual_seed(0)
    reference, target = torch.rand(2, 1, 5, 6, generator=chance).unbind(0)
    colours = torch.rand(3, 5, 6, generator=chance)
    found = video.propagate_colour(reference, target, colours, temperature)
    expected = by_loop(reference, target, colours, temperature)
    torch.testing.assert_close(found.double(), expected, rtol=1e-4, atol=1e-5)


def test_target_and_reference_may_have_different_sizes():
    found = video.propagate_colour(
        torch.rand(1, 4, 6), torch.rand(1, 5, 3), torch.rand(3, 4, 6), 0.1
    )
    assert found.shape == (3, 5, 3)


def test_attention_between_unit_vectors_is_torchs_own_of_their_inner_products():
    chance = torch.Generator().manual_seed(1)
    reference, target = (
        F.normalize(torch.randn(2, 5, 4, 4, generator=chance, dtype=torch.float64), dim=1)
        for _ in "rt"
    )
    values = torch.randn(2, 3, 4, 4, generator=chance, dtype=torch.float64)
    temperature = 0.3
    found = video.fetch(video.attention(reference, target, temperature), values, (4, 4))
    query, key, value = (t.flatten(2).transpose(1, 2) for t in (target, reference, values))
    # |t - r|^2 = 2 - 2 t r, and the 2 falls out of the softmax.
    oracle = F.scaled_dot_product_attention(query, key, value, scale=2 / temperature)
    torch.testing.assert_close(found.flatten(2).transpose(1, 2), oracle)


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 999), temperature=st.floats(1e-3, 100))
def test_attention_sums_to_one_and_does_not_care_in_which_order_the_reference_lies(
    seed, temperature
):
    chance = torch.Generator().manual_seed(seed)
    reference, target = (torch.randn(1, 4, 3, 3, generator=chance) for _ in "rt")
    weights = video.attention(reference, target, temperature)
    torch.testing.assert_close(weights.sum(dim=2), torch.ones(1, 9))
    order = torch.randperm(9, generator=chance)
    shuffled = reference.flatten(2)[:, :, order].view_as(reference)
    torch.testing.assert_close(video.attention(shuffled, target, temperature), weights[:, :, order])


def test_a_low_temperature_copies_the_nearest_and_a_high_one_the_mean():
    reference, target = torch.tensor([[[0.1, 0.9]]]), torch.tensor([[[0.85, 0.2]]])
    colours = torch.tensor([RED, BLUE]).T[:, None]  # (3, 1, 2)
    sharp = video.propagate_colour(reference, target, colours, 1e-4)
    torch.testing.assert_close(sharp, colours.flip(2))
    flat = video.propagate_colour(reference, target, colours, 1e6)
    torch.testing.assert_close(flat, colours.mean(dim=2, keepdim=True).expand(-1, -1, 2))


@pytest.mark.parametrize("temperature", [0, -1.0, float("nan")])
def test_a_temperature_that_cannot_be_meant_is_refused(temperature):
    with pytest.raises(ValueError, match="temperature must be above 0, got"):
        video.attention(torch.rand(1, 2, 2, 2), torch.rand(1, 2, 2, 2), temperature)


def test_embeddings_are_unit_vectors_for_squares_of_two_by_two_pixels():
    embedded = video.embed(UNet(1, 3, 4).eval(), torch.rand(2, 1, 12, 16))
    assert embedded.shape == (2, 12, 6, 8)
    torch.testing.assert_close(embedded.norm(dim=1), torch.ones(2, 6, 8))


def test_colours_follow_the_things_that_pass_each_other():
    clip, _ = passing()
    grey = to_grey(clip)
    coloured = video.colour_clip(ByGrey(), grey, clip[0], temperature=0.01)
    torch.testing.assert_close(coloured[0], clip[0])
    torch.testing.assert_close(to_grey(coloured), grey)
    # Away from the edges, where squares of 2 x 2 pixels are smoothed into each other.
    for place in ((6, 16), (16, 8), (22, 12)):
        torch.testing.assert_close(coloured[2, :, *place], clip[2, :, *place], atol=1e-3, rtol=0)
    copied = (chroma(clip[:1]) - chroma(clip[1:])).square().mean()
    assert (chroma(coloured[1:]) - chroma(clip[1:])).square().mean() < copied / 20


def test_a_mask_follows_its_thing():
    clip, mask = passing()
    found = video.track(ByGrey(), to_grey(clip), mask[0], temperature=0.01)
    assert found.dtype == torch.bool
    assert torch.equal(found[0], mask[0])
    assert video.iou(found, mask).min() > 0.9
    assert video.iou(mask[:1].expand_as(mask), mask)[2] == 0


def test_propagate_is_differentiable_and_carries_any_number_of_channels():
    model = UNet(1, 2, 4)
    values = torch.rand(2, 5, 8, 8)
    carried = video.propagate(model, torch.rand(2, 1, 8, 8), torch.rand(2, 1, 8, 8), values, 0.1)
    assert carried.shape == (2, 5, 8, 8)
    carried.square().mean().backward()
    assert all(p.grad is not None for p in model.parameters())
    assert carried.min() >= values.min()
    assert carried.max() <= values.max()


def test_colouring_and_tracking_leave_the_model_as_it_was():
    model = UNet(1, 2, 4).train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    clip, mask = passing()
    video.colour_clip(model, to_grey(clip), clip[0], 0.1)
    video.track(model, to_grey(clip), mask[0], 0.1)
    video.look(model, to_grey(clip)[0], to_grey(clip)[1], (3, 4), 0.1)
    assert model.training
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(p.grad is None for p in model.parameters())


def test_a_pixel_looks_where_its_row_of_the_attention_says():
    clip, _ = passing()
    grey = to_grey(clip)
    model = UNet(1, 2, 4).eval()
    weights = video.look(model, grey[0], grey[2], (7, 20), 0.1)
    with torch.no_grad():
        whole = video.attention(*video.embed(model, grey[[0, 2]]).split(1), 0.1)
    torch.testing.assert_close(weights, whole[0].view(12, 12, 12, 12)[3, 10])


def test_iou_is_sklearns_jaccard_index():
    chance = torch.Generator().manual_seed(2)
    found, truth = (torch.rand(4, 6, 6, generator=chance) < 0.4 for _ in "ft")
    expected = [jaccard_score(t.flatten(), f.flatten()) for f, t in zip(found, truth, strict=True)]
    assert video.iou(found, truth).tolist() == pytest.approx(expected)
    nothing = torch.zeros(1, 6, 6, dtype=torch.bool)
    assert video.iou(nothing, nothing).tolist() == [1]


def test_in_eval_mode_the_objective_colours_all_frames_from_the_first():
    x = Squares(3, seed=0).images
    model = UNet(1, 2, 4).eval()
    objective = video.video_colouring(0.1)
    torch.manual_seed(0)
    loss = objective(model, x, None)["loss"]
    torch.manual_seed(1)
    assert torch.equal(loss, objective(model, x, None)["loss"])
    carried = [
        video.propagate(model, *(to_grey(x[:, t]) for t in (0, t)), chroma(x[:, 0]), 0.1)
        for t in range(1, 4)
    ]
    truth = torch.stack([chroma(x[:, t]) for t in range(1, 4)])
    torch.testing.assert_close(loss, (torch.stack(carried) - truth).square().mean())


def test_in_train_mode_the_seed_draws_which_frames_lend_and_which_are_coloured():
    x = torch.arange(4.0).view(1, 4, 1, 1, 1).expand(50, 4, 3, 2, 2)
    torch.manual_seed(3)
    drawn = video._drawn(x, 2)
    assert drawn.shape == (50, 3)
    assert all(len(set(row)) == 3 for row in drawn.tolist())
    assert set(drawn[:, 0].tolist()) == {0, 1, 2, 3}
    torch.manual_seed(3)
    assert torch.equal(drawn, video._drawn(x, 2))


def test_a_clip_without_colours_costs_nothing():
    x = torch.rand(2, 3, 1, 8, 8).expand(-1, -1, 3, -1, -1)
    loss = video.video_colouring(0.1)(UNet(1, 2, 4), x, None)["loss"]
    assert loss.item() == pytest.approx(0, abs=1e-10)


def test_a_short_training_beats_copying_the_first_frame():
    torch.manual_seed(0)
    model = UNet(1, 2, 8)
    train, held_out = Squares(64, seed=1), Squares(16, seed=2)
    objective = video.video_colouring(0.1)
    fit(model, train, epochs=6, batch_size=8, lr=1e-2, objective=objective, progress=False)
    loss = evaluate(model, held_out, objective)["loss"]
    colours = chroma(held_out.images.flatten(0, 1)).unflatten(0, held_out.images.shape[:2])
    copied = float((colours[:, 1:] - colours[:, :1]).square().mean())
    assert loss < copied / 2
