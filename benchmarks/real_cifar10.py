"""Our attacks on a real network and real pictures: CIFAR-10's ResNet-20, beside torchattacks' and foolbox's.

    COURSE_REAL_DATA=FOLDER python benchmarks/real_cifar10.py [--every 5]

FOLDER holds weights/resnet20_cifar10.safetensors and cifar10/test.npz. Prints the accuracy on every fifth
test image under each attack, ours, theirs, and ours again with the loss computed in float64.

Why float64: where the network is so sure that its softmax rounds to 1 in float32, the gradient of the
cross-entropy loses its largest term, the one that pulls the true class down, and the attack is weaker than
it could be. The script prints on how many images that happens.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # for the tests' ResNet-20

from course_utils import _torchvision, robustness
from course_utils.attacks import fgsm, pgd
from tests.course_utils.resnet20 import resnet20

_torchvision.ensure()  # torchattacks imports torchvision itself
import foolbox  # noqa: E402
import torchattacks  # noqa: E402

FGSM_EPS = (1, 2, 4, 8)
PGD_EPS = (0.5, 1, 2)
STEPS = 10


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--every", type=int, default=5, help="take every n-th test image (default 5)"
    )
    chosen = parser.parse_args()
    if not os.environ.get("COURSE_REAL_DATA"):
        parser.error("set COURSE_REAL_DATA to the folder of the pictures and weights")
    chosen.folder = Path(os.environ["COURSE_REAL_DATA"])
    return chosen


def their_fgsm(model: nn.Module, x: Tensor, y: Tensor, eps: float) -> Tensor:
    return torchattacks.FGSM(model, eps=eps)(x, y)


def their_pgd(model: nn.Module, x: Tensor, y: Tensor, eps: float) -> Tensor:
    attack = foolbox.attacks.LinfPGD(
        abs_stepsize=2.5 * eps / STEPS, steps=STEPS, random_start=False
    )
    return attack(foolbox.PyTorchModel(model, (0, 1), device="cpu"), x, y, epsilons=eps)[1]


def our_pgd(model: nn.Module, x: Tensor, y: Tensor, eps: float) -> Tensor:
    return pgd(model, x, y, eps, steps=STEPS, random_start=False)


def in_float64(attack: Callable) -> Callable:
    """The same attack with everything after the logits in double precision."""
    return lambda model, x, y, eps: attack(lambda pictures: model(pictures).double(), x, y, eps)


def main() -> None:
    chosen = arguments()
    model = resnet20(chosen.folder / "weights" / "resnet20_cifar10.safetensors")
    with np.load(chosen.folder / "cifar10" / "test.npz") as test:
        images = torch.from_numpy(test["x"]).permute(0, 3, 1, 2)[:: chosen.every].float() / 255
        labels = torch.from_numpy(test["y"])[:: chosen.every]
    batches = list(zip(images.split(250), labels.split(250), strict=True))
    with torch.no_grad():
        sure = torch.cat([F.softmax(model(x), dim=1).amax(dim=1) == 1 for x, _ in batches])
    print(f"{len(labels)} images, {100 * robustness.accuracy(model, batches):.2f} % right")
    print(f"softmax exactly 1 in float32: {100 * sure.float().mean():.1f} % of them\n")
    print(f"{'attack':<8}{'eps':>8}{'ours':>9}{'theirs':>9}{'float64':>9}   accuracy in %")
    for name, levels, ours, theirs in (
        ("FGSM", FGSM_EPS, fgsm, their_fgsm),
        (f"PGD-{STEPS}", PGD_EPS, our_pgd, their_pgd),
    ):
        for level in levels:
            began, eps = time.perf_counter(), level / 255
            row = [
                100 * robustness.accuracy(model, batches, lambda m, x, y, a=a, e=eps: a(m, x, y, e))
                for a in (ours, theirs, in_float64(ours))
            ]
            seconds = time.perf_counter() - began
            cells = "".join(f"{value:9.2f}" for value in row)
            print(f"{name:<8}{level:>4}/255{cells}   ({seconds:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
