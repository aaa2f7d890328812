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
    colours, found = [], []
    images, thing = clips(split).images, clips(split).thing
    for clip, mask in zip(images, thing, strict=True):
        grey = to_grey(clip)
        values = torch.cat([chroma(clip[:1]), mask[:1, None].float()], dim=1)  # (1, 4, H, W)
        for frame in grey[1:, None]:
            weights = attention(grey[:1], frame, temperature)
            colour, inside = fetch(weights, values, frame.shape[2:]).split((3, 1), dim=1)
            colours.append(colour)
            found.append(inside[:, 0] >= 0.5)
    error = rms(torch.cat(colours), images[:, 1:].flatten(0, 1))
    return error, float(iou(torch.cat(found), thing[:, 1:].flatten(0, 1)).mean())
