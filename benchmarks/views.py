"""SimCLR's augmentation in three libraries, with the same strengths, and a clock that is fair to each."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from course_utils import _torchvision
from course_utils.selfsup.augmentations import (
    BRIGHTNESS,
    CONTRAST,
    HUE,
    SATURATION,
    Augmentation,
)

_torchvision.ensure()
import kornia  # noqa: E402
import kornia.augmentation as K  # noqa: E402
import torchvision  # noqa: E402
from torchvision.transforms import v2  # noqa: E402

Augment = Callable[[Tensor], Tensor]
OURS, KORNIA, PER_SAMPLE, PER_SAMPLE_BYTES = (
    "ours",
    "kornia, batched",
    "torchvision, one by one",
    "torchvision, one by one on bytes",
)
RECIPE = Augmentation()
VERSIONS = (
    f"torch {torch.__version__}, torchvision {torchvision.__version__}, kornia {kornia.__version__}"
)


def augmentations(size: int) -> dict[str, Augment]:
    """The recipe for pictures (N, 3, size, size) in [0, 1], by library; every picture with its own draw."""
    assert RECIPE.crop is not None
    colours = (BRIGHTNESS, CONTRAST, SATURATION, HUE)
    one = v2.Compose(
        [
            # Without smoothing first, which ours and kornia's do not do either.
            v2.RandomResizedCrop(size, scale=RECIPE.crop, ratio=(1, 1), antialias=False),
            v2.RandomHorizontalFlip(),
            v2.ColorJitter(*colours),
            v2.RandomGrayscale(RECIPE.grey),
        ]
    )
    together = K.AugmentationSequential(
        # Its default way of cropping is a loop over the pictures.
        K.RandomResizedCrop(
            (size, size),
            scale=RECIPE.crop,
            ratio=(1.0, 1.0),
            cropping_mode="resample",
            align_corners=False,
        ),
        K.RandomHorizontalFlip(),
        K.ColorJitter(*colours),
        K.RandomGrayscale(p=RECIPE.grey),
    )

    def on_bytes(x: Tensor) -> Tensor:
        return torch.stack([one(picture) for picture in (255 * x).byte()]).float() / 255

    return {
        OURS: RECIPE,
        KORNIA: together,
        PER_SAMPLE: lambda x: torch.stack([one(picture) for picture in x]),
        PER_SAMPLE_BYTES: on_bytes,
    }


def seconds(
    work: Mapping[str, Callable[[], object]], device: torch.device, rounds: int
) -> dict[str, float]:
    """How long each takes, by turns, so that what else the machine does hits all alike; the best round.

    On a CPU it is processor time, on a GPU the time until the last kernel has ended.
    """
    for run in work.values():  # warm-up
        run()
    best = dict.fromkeys(work, float("inf"))
    for _ in range(rounds):
        for name, run in work.items():
            began = _clock(device)
            run()
            best[name] = min(best[name], _clock(device) - began)
    return best


def _clock(device: torch.device) -> float:
    if device.type != "cuda":
        return time.process_time()
    torch.cuda.synchronize(device)
    return time.perf_counter()


def machine(device: torch.device) -> str:
    """What the times were taken on, for a page of results."""
    if device.type == "cuda":
        return f"{torch.cuda.get_device_name(device)}, {VERSIONS}"
    threads = torch.get_num_threads()
    return f"processor time, {threads} thread{'s' * (threads > 1)} of one {platform.machine()} CPU, {VERSIONS}"
