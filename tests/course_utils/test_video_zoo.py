"""The trained network colours and tracks clips that it has never seen, better than what needs no training."""

import pytest
import torch

from course_utils.data.clips import Clips, clips
from course_utils.models import UNet, zoo
from course_utils.selfsup import colour_clip, iou, look, propagate_colour, track
from course_utils.selfsup.colouring import chroma, to_grey

TEMPERATURE = 0.05


@pytest.fixture(scope="module")
def network():
    return zoo.load("clips_colouring")


@pytest.fixture(scope="module")
def unseen():
    return Clips(clips(8, seed=40_000))


def error(coloured, clip):
    return float((chroma(coloured[1:]) - chroma(clip[1:])).square().mean())


def test_it_is_a_small_u_net_of_grey_pictures(network):
    assert isinstance(network, UNet)
    assert network.in_channels == 1
    assert sum(p.numel() for p in network.parameters()) < 200_000


def test_its_colours_are_nearer_than_grey_matching_copying_and_grey(network, unseen):
    errors = {"network": 0.0, "grey matching": 0.0, "first frame": 0.0, "grey": 0.0}
    for clip in unseen.images:
        grey = to_grey(clip)
        matched = [propagate_colour(grey[0], g, clip[0], 3e-4) for g in grey[1::3]]
        errors["network"] += error(colour_clip(network, grey, clip[0], TEMPERATURE), clip)
        errors["grey matching"] += error(torch.stack([clip[0], *matched]), clip[[0, 1, 4, 7]])
        errors["first frame"] += error(clip[:1].expand_as(clip), clip)
        errors["grey"] += error(grey.expand_as(clip), clip)
    ours = errors.pop("network")
    for rival, theirs in errors.items():
        assert ours < 0.7 * theirs, rival


def test_it_follows_a_thing_that_it_was_never_told_about(network, unseen):
    masks = unseen.thing
    found = torch.stack(
        [
            track(network, to_grey(clip), mask[0], TEMPERATURE)
            for clip, mask in zip(unseen.images, masks, strict=True)
        ]
    )
    followed = iou(found, masks)[:, 1:].mean()
    left = iou(masks[:, :1].expand_as(masks), masks)[:, 1:].mean()
    assert followed > left + 0.25


def test_a_pixel_of_the_thing_looks_at_the_thing(network, unseen):
    on_thing = []
    for clip, mask in zip(unseen.images, unseen.thing, strict=True):
        inside = mask[4].nonzero()
        pixel = tuple(inside[len(inside) // 2].tolist())
        weights = look(network, to_grey(clip)[0], to_grey(clip)[4], pixel, TEMPERATURE)
        on_thing.append(float((weights * mask[0, ::2, ::2]).sum()))
    assert sum(on_thing) / len(on_thing) > 0.5
