"""Pictures gone bad without anybody's intent: sixteen corruptions at five severities.

    worse = corrupt(x, "fog", severity=3, generator=torch.Generator().manual_seed(0))

The fifteen of ImageNet-C [1] and one of its extra four (saturate), written for batches of tensors.
Lengths are fractions of the picture's side, so a severity looks alike at 32 and at 96 pixels; only
jpeg's blocks have 8 pixels in any picture. The levels were chosen by eye and by the course's own
classifier on validation pictures (`benchmarks/corruption_levels.py`).

[1] Hendrycks, Dietterich: Benchmarking neural network robustness to common corruptions and
    perturbations, ICLR 2019, arXiv 1903.12261.
"""

from __future__ import annotations

import torch
from torch import Tensor

from . import blur, digital, noise, weather
from .corruption import SEVERITIES, Corruption
from .jpeg import jpeg

__all__ = ["CORRUPTIONS", "SEVERITIES", "Corruption", "corrupt"]

_ALL = (
    Corruption("gaussian_noise", "noise", "standard deviation of the noise", (0.03, 0.045, 0.06, 0.08, 0.11), noise.gaussian_noise),
    Corruption("shot_noise", "noise", "particles of light where it is white", (500, 300, 180, 110, 60), noise.shot_noise),
    Corruption("impulse_noise", "noise", "fraction of the values lost", (0.005, 0.01, 0.02, 0.035, 0.06), noise.impulse_noise),
    Corruption("defocus_blur", "blur", "radius of the disc, in sides, beside half a pixel", (0.002, 0.009, 0.016, 0.024, 0.033), blur.defocus_blur),
    Corruption("glass_blur", "blur", "reach of a pixel, in sides", (0.02, 0.032, 0.042, 0.054, 0.07), blur.glass_blur),
    Corruption("motion_blur", "blur", "length of the streak, in sides", (0.035, 0.055, 0.08, 0.11, 0.15), blur.motion_blur),
    Corruption("zoom_blur", "blur", "largest magnification, less 1", (0.08, 0.16, 0.24, 0.34, 0.46), blur.zoom_blur),
    Corruption("snow", "weather", "from none to a blizzard", (0.15, 0.22, 0.3, 0.38, 0.48), weather.snow),
    Corruption("frost", "weather", "whiteness where it is thickest", (0.4, 0.55, 0.7, 0.85, 1.0), weather.frost),
    Corruption("fog", "weather", "density", (0.25, 0.4, 0.55, 0.7, 0.9), weather.fog),
    Corruption("brightness", "weather", "added to the value", (0.15, 0.25, 0.35, 0.45, 0.55), weather.brightness),
    Corruption("contrast", "digital", "part of the contrast that is left", (0.7, 0.6, 0.51, 0.43, 0.35), digital.contrast),
    Corruption("saturate", "digital", "factor of the saturation", (1.5, 1.9, 2.4, 3.2, 4.5), digital.saturate),
    Corruption("elastic", "digital", "typical shift, in sides", (0.02, 0.035, 0.05, 0.065, 0.08), digital.elastic),
    Corruption("pixelate", "digital", "side of a block, in sides, beside one pixel", (0.008, 0.016, 0.024, 0.035, 0.05), digital.pixelate),
    Corruption("jpeg", "digital", "quality, 100 is the best", (45, 25, 16, 10, 6), jpeg),
)  # fmt: skip

CORRUPTIONS: dict[str, Corruption] = {one.name: one for one in _ALL}


def corrupt(
    x: Tensor, name: str, severity: int = 3, generator: torch.Generator | None = None
) -> Tensor:
    """One corruption of a batch, each image by random numbers of its own.

    Args:
        x: (N, 3, H, W) float in [0, 1], any device.
        name: a key of CORRUPTIONS.
        severity: 1 (slight) to 5 (severe); 0 returns the images unchanged.
        generator: where the random numbers come from; a CPU generator serves any device and gives
            the same pictures on all of them. Equal seeds at two severities give the same draw, more
            of it.

    Returns:
        (N, 3, H, W) in [0, 1], new, in the dtype and on the device of x.

    Raises:
        ValueError: images that cannot be meant, an unknown name, a severity beyond 0 to 5.
    """
    if name not in CORRUPTIONS:
        raise ValueError(f"there is no corruption {name!r}; choose one of {', '.join(CORRUPTIONS)}")
    return CORRUPTIONS[name](x, severity, generator)
