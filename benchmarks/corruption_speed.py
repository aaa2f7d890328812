"""Corruptions of a batch against loops over its images: `python benchmarks/corruption_speed.py`.

Each corruption at severity 3, beside the nearest thing that torchvision, Pillow or scipy has for one image
at a time, each image with random numbers of its own where there are any. Times are processor time on one
thread, the better of several runs, so that what else the machine does counts little.
Writes benchmarks/results/corruption_speed.md.
"""

from __future__ import annotations

import argparse
import io
import platform
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import PIL
import scipy
import torch
from PIL import Image, ImageEnhance
from scipy import ndimage
from torch import Tensor

from course_utils import _torchvision
from course_utils.data.world import world
from course_utils.robustness import CORRUPTIONS, corrupt
from course_utils.robustness.corruptions import blur

_torchvision.ensure()
import torchvision  # noqa: E402
from torchvision.transforms import v2  # noqa: E402
from torchvision.transforms.v2 import functional as TF  # noqa: E402

RESULTS = Path(__file__).parent / "results" / "corruption_speed.md"
One = Callable[[Tensor], object]
RUNS = 3


def level(name: str) -> float:
    return CORRUPTIONS[name].levels[2]


def to_pillow(image: Tensor) -> Image.Image:
    return Image.fromarray((255 * image).byte().permute(1, 2, 0).numpy())


def from_pillow(picture: Image.Image) -> Tensor:
    return torch.from_numpy(np.array(picture)).permute(2, 0, 1).float() / 255


def impulse(image: Tensor) -> Tensor:
    chance, fraction = np.random.default_rng().random(image.shape), level("impulse_noise")
    spoilt = image.numpy().copy()
    spoilt[chance < fraction / 2] = 0
    spoilt[chance >= 1 - fraction / 2] = 1
    return torch.from_numpy(spoilt)


def shot(image: Tensor) -> Tensor:
    photons = level("shot_noise")
    counts = np.random.default_rng().poisson(image.numpy() * photons) / photons
    return torch.from_numpy(counts.clip(0, 1))


def defocus(image: Tensor) -> Tensor:
    kernel = blur.disc(0.5 + level("defocus_blur") * image.shape[-1], image).numpy()
    return torch.from_numpy(ndimage.convolve(image.numpy(), kernel, mode="mirror"))


def motion(image: Tensor) -> Tensor:
    kernel = blur.streak(level("motion_blur") * image.shape[-1], 3 * torch.rand(1)).numpy()
    return torch.from_numpy(ndimage.convolve(image.numpy(), kernel, mode="mirror"))


def zoom(image: Tensor) -> Tensor:
    middle, total = (image.shape[-1] - 1) / 2, image.numpy().copy()
    for k in range(1, blur.ZOOM_STEPS + 1):
        scale = 1 / (1 + level("zoom_blur") * k / blur.ZOOM_STEPS)
        offset = (0, middle - middle * scale, middle - middle * scale)
        total += ndimage.affine_transform(image.numpy(), [1, scale, scale], offset, order=1)
    return torch.from_numpy(total / (blur.ZOOM_STEPS + 1))


def glass(image: Tensor) -> Tensor:
    side, reach = image.shape[-1], level("glass_blur") * image.shape[-1]
    places = np.mgrid[:side, :side] + np.random.default_rng().uniform(
        -reach, reach, (2, side, side)
    )
    planes = [ndimage.map_coordinates(plane, places, order=1) for plane in image.numpy()]
    return torch.from_numpy(np.stack(planes))


def elastic(image: Tensor) -> Tensor:
    side = float(image.shape[-1])
    shift = level("elastic") * side
    return v2.ElasticTransform(alpha=2 * shift * side / 10, sigma=side / 10)(image)


def pixelate(image: Tensor) -> Tensor:
    side = image.shape[-1]
    small = round(side / (1 + level("pixelate") * side))
    picture = to_pillow(image).resize((small, small), Image.Resampling.BOX)
    return from_pillow(picture.resize((side, side), Image.Resampling.BOX))


def jpeg(image: Tensor) -> Tensor:
    file = io.BytesIO()
    to_pillow(image).save(file, "JPEG", quality=int(level("jpeg")))
    return from_pillow(Image.open(file))


LIKE: dict[str, tuple[str, One]] = {
    "gaussian_noise": ("torchvision GaussianNoise", v2.GaussianNoise(sigma=level("gaussian_noise"))),
    "shot_noise": ("numpy poisson", shot),
    "impulse_noise": ("numpy", impulse),
    "defocus_blur": ("scipy convolve", defocus),
    "glass_blur": ("scipy map_coordinates", glass),
    "motion_blur": ("scipy convolve", motion),
    "zoom_blur": ("scipy affine_transform", zoom),
    "brightness": ("torchvision adjust_brightness, which only multiplies", lambda x: TF.adjust_brightness(x, 1.5)),
    "contrast": ("torchvision adjust_contrast", lambda x: TF.adjust_contrast(x, level("contrast"))),
    "saturate": ("Pillow ImageEnhance.Color", lambda x: from_pillow(ImageEnhance.Color(to_pillow(x)).enhance(level("saturate")))),
    "elastic": ("torchvision ElasticTransform", elastic),
    "pixelate": ("Pillow resize, twice", pixelate),
    "jpeg": ("Pillow save and open", jpeg),
}  # fmt: skip


def seconds(work: Callable[[], object]) -> float:
    work()  # warm-up
    best = float("inf")
    for _ in range(RUNS):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return best


def measured(x: Tensor, looped: Tensor) -> list[str]:
    rows = []
    for name in CORRUPTIONS:
        generator = torch.Generator().manual_seed(0)
        ours = len(x) / seconds(lambda n=name, g=generator: corrupt(x, n, 3, g))
        what, one = LIKE.get(name, ("none of them has it", None))
        if one is None:
            rows.append(f"| {name} | {ours:,.0f} | {what} | | |")
        else:
            theirs = len(looped) / seconds(lambda f=one: torch.stack([f(i) for i in looped]))
            rows.append(f"| {name} | {ours:,.0f} | {what} | {theirs:,.0f} | {ours / theirs:.1f} |")
        print(rows[-1], flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=500, help="images in a batch")
    parser.add_argument("--size", type=int, default=48, help="pixels a side")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    x = world(chosen.n, seed=0, size=chosen.size).images
    rows = measured(x, x[: max(chosen.n // 5, 1)])
    versions = f"torch {torch.__version__}, torchvision {torchvision.__version__}, scipy {scipy.__version__}, Pillow {PIL.__version__}"
    table = "\n".join(rows)
    RESULTS.write_text(
        f"""# How fast pictures are corrupted

`python benchmarks/corruption_speed.py --n {chosen.n} --size {chosen.size}`: {chosen.n} images of
{chosen.size} x {chosen.size} in one batch at severity 3, beside a loop over images with what comes nearest to it.
Images a second of processor time, one thread, {platform.machine()} CPU, {versions}.

| corruption | batched | one at a time | images/s | times as fast |
|---|---|---|---|---|
{table}
""",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
