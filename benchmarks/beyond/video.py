"""Colours and masks carried through the test clips, by the network and by what needs no training."""

from __future__ import annotations

import torch
from recipes.video import OUT, WIDTH, clips, followed, rms
from tables import Rows, network

from course_utils.models import UNet
from course_utils.selfsup.colouring import chroma, to_grey
from course_utils.selfsup.video import attention, fetch, iou

# Each chosen on validation clips, by the error of the colours. What an untrained network gives is nearly
# the same everywhere: only a very sharp attention tells it apart.
GREY_TEMPERATURE = 3e-4  # in squared grey difference
UNTRAINED_TEMPERATURE = 3e-5

ABOUT = (
    "Video: 100 test clips of 8 frames; only the first frame is in colour. The error is the root mean "
    "square of the chroma (RGB minus grey) over frames 2 to 8, as a share of the pixel range. Grey "
    "matching is `selfsup.propagate_colour`: pixels are compared by their grey value alone. The untrained "
    "network compares how their surroundings look, which random convolutions keep; its temperature is its "
    "own, far lower. Tracking: the mask of what moves is given in the first frame and carried along in "
    "the same way; intersection over union, mean over the frames after it."
)


def measure(seed: int, split: str = "test") -> Rows:
    """The rows of one seed: errors of the colours as fractions of the pixel range, then IoU."""
    error, overlap = followed(network("clips_colouring", seed), clips(split))
    torch.manual_seed(seed)
    blind_error, blind_overlap = followed(
        UNet(1, OUT, WIDTH).eval(), clips(split), UNTRAINED_TEMPERATURE
    )
    matched_error, matched_overlap = matched(split)
    images, thing = clips(split).images, clips(split).thing
    later = images[:, 1:].flatten(0, 1)
    copied = images[:, :1].expand_as(images[:, 1:]).flatten(0, 1)
    return {
        "video: network": error,
        "video: grey matching": matched_error,
        "video: untrained network": blind_error,
        "video: first frame's colours copied": rms(copied, later),
        "video: grey": rms(torch.zeros_like(later), later),
        "video, tracking: network": overlap,
        "video, tracking: grey matching": matched_overlap,
        "video, tracking: untrained network": blind_overlap,
        "video, tracking: mask left in place": float(
            iou(thing[:, :1].expand_as(thing[:, 1:]), thing[:, 1:]).mean()
        ),
    }


def matched(split: str, temperature: float = GREY_TEMPERATURE) -> tuple[float, float]:
    """Colours and mask copied by grey value alone: RMS error of the chroma, mean IoU."""
    images, thing = clips(split).images, clips(split).thing
    # Kept in one piece: thousands of small results between large attentions would tear the memory apart.
    kept = torch.empty(len(images), images.shape[1] - 1, 4, *images.shape[3:])
    for clip, mask, into in zip(images, thing, kept, strict=True):
        grey = to_grey(clip)
        values = torch.cat([chroma(clip[:1]), mask[:1, None].float()], dim=1)  # (1, 4, H, W)
        for frame, place in zip(grey[1:, None], into, strict=True):
            weights = attention(grey[:1], frame, temperature)
            place.copy_(fetch(weights, values, frame.shape[2:])[0])
    colours, inside = kept.flatten(0, 1).split((3, 1), dim=1)
    error = rms(colours, images[:, 1:].flatten(0, 1))
    return error, float(iou(inside[:, 0] >= 0.5, thing[:, 1:].flatten(0, 1)).mean())
