"""The lecture's panda figure on a real network and a real photograph.

    python benchmarks/real_panda.py PICTURE [--network googlenet] [--weights FILE] [--eps 2] [--out panda.png]

Without --weights the network's published weights are downloaded on first use. A SqueezeNet converted from the
Caffe model (its pixels centred on 123, 117, 104 of 255 and not scaled) needs --caffe. With COURSE_REAL_DATA
set to a folder of such test material, PICTURE, --weights and --caffe may be left out.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import torch

from course_utils import plots
from course_utils.attacks import pgd
from course_utils.models import imagenet
from course_utils.widgets import uphill

CAFFE = {"mean": (123 / 255, 117 / 255, 104 / 255), "std": (1 / 255, 1 / 255, 1 / 255)}
GRID = (0.5, 1, 2, 4, 8)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("picture", nargs="?", type=Path, help="a photograph")
    parser.add_argument(
        "--network", choices=("googlenet", "squeezenet1_0", "resnet50"), default="googlenet"
    )
    parser.add_argument(
        "--weights", type=Path, help="a state dict to use instead of the published weights"
    )
    parser.add_argument("--caffe", action="store_true", help="the weights want Caffe's pixels")
    parser.add_argument("--eps", type=float, default=2, help="in units of 1/255 (default 2)")
    parser.add_argument(
        "--target",
        help="also climb towards the class whose name contains this, for instance gibbon",
    )
    parser.add_argument("--out", type=Path, help="where to write the figure, a PNG")
    chosen = parser.parse_args()
    real = os.environ.get("COURSE_REAL_DATA")
    if chosen.picture is None:
        if not real:
            parser.error("give a picture, or set COURSE_REAL_DATA to the folder of test material")
        chosen.picture = next(Path(real).glob("imagenet_samples/*giant_panda.jpg"), None)
        if chosen.picture is None:
            parser.error(
                f"no imagenet_samples/*giant_panda.jpg in COURSE_REAL_DATA = {real}: give a picture"
            )
        if chosen.weights is None:
            chosen.network, chosen.caffe = "squeezenet1_0", True
            chosen.weights = Path(real) / "weights" / "squeezenet1_0_imagenet_fp16.safetensors"
    return chosen


def main() -> None:
    chosen = arguments()
    try:
        options = CAFFE if chosen.caffe else {}
        model = getattr(imagenet, chosen.network)(weights_file=chosen.weights, **options)
        x = model.preprocess(chosen.picture)  # (1, 3, 224, 224)
    except (OSError, ValueError) as error:
        sys.exit(str(error))
    y = plots.confidences(model, x).argmax(dim=1)
    direction = uphill(model, x, y)
    print(f"{chosen.network} on {chosen.picture.name}")
    tell("the picture", model, x)
    tell("the sign of the gradient", model, (direction + 1) / 2)
    for step in sorted({*GRID, chosen.eps}):
        tell(f"plus {step:g}/255 x sign", model, (x + step / 255 * direction).clamp(0, 1))
    if chosen.target:
        target = named(model.classes, chosen.target)
        found = pgd(
            model, x, torch.tensor([target]), chosen.eps / 255, targeted=True, random_start=False
        )
        tell(f"PGD-20, {chosen.eps:g}/255, towards {model.classes[target]}", model, found)
    if chosen.out:
        picture = plots.panda(model, x, direction, chosen.eps / 255, model.classes)
        chosen.out.write_bytes(picture.png())
        print(f"figure in {chosen.out}")


def tell(what: str, model: imagenet.ImagenetModel, x: torch.Tensor) -> None:
    says = plots.confidences(model, x)[0]
    best = says.topk(3)
    words = ", ".join(
        f"{model.classes[i]} {plots.percent(p)}"
        for p, i in zip(best.values.tolist(), best.indices.tolist(), strict=True)
    )
    print(f"  {what}: {words}")


def named(classes: tuple[str, ...], part: str) -> int:
    found = [index for index, name in enumerate(classes) if part.lower() in name.lower()]
    if not found:
        sys.exit(f"none of the {len(classes)} classes has {part!r} in its name")
    return found[0]


if __name__ == "__main__":
    main()
