"""Our PGD beside torchattacks' and foolbox's: robust accuracy of the zoo's models, measured by all three.

    python benchmarks/oracles.py [NAME …]

writes benchmarks/results/oracles.md. Same pictures, steps and step size. With one seed torchattacks
draws the same random starts as ours; foolbox draws its own.
"""

import argparse
import time
from importlib.metadata import version
from pathlib import Path

import torch
from torch import Tensor, nn

from course_utils import _torchvision, attacks, data, models
from course_utils.data import Split
from course_utils.models import zoo
from course_utils.robustness import Attack, accuracy

_torchvision.ensure()  # torchattacks imports torchvision itself
import foolbox  # noqa: E402
import torchattacks  # noqa: E402

RESULTS = Path(__file__).parent / "results" / "oracles.md"
PICTURES, STEPS = 1000, 20
# 8/255 is the course's; 2/255, chosen on validation pictures, leaves the first model in the middle.
GREY_LEVELS = {"world_adversarial": (8,), "world_classifier": (2, 8)}


def ours(eps: float) -> Attack:
    generator = torch.Generator().manual_seed(0)

    def attack(model: nn.Module, x: Tensor, y: Tensor) -> Tensor:
        return attacks.pgd(
            model, x, y, eps, steps=STEPS, step_size=step_size(eps), generator=generator
        )

    return attack


def from_torchattacks(eps: float) -> Attack:
    def attack(model: nn.Module, x: Tensor, y: Tensor) -> Tensor:
        pgd = torchattacks.PGD(model, eps=eps, alpha=step_size(eps), steps=STEPS, random_start=True)
        return pgd(x, y)

    return attack


def from_foolbox(eps: float) -> Attack:
    pgd = foolbox.attacks.LinfPGD(abs_stepsize=step_size(eps), steps=STEPS, random_start=True)

    def attack(model: nn.Module, x: Tensor, y: Tensor) -> Tensor:
        bounded = foolbox.PyTorchModel(model, bounds=(0, 1), device=x.device)
        return pgd(bounded, x, y, epsilons=eps)[1]

    return attack


def step_size(eps: float) -> float:
    return 2.5 * eps / STEPS


def measure(model: nn.Module, pictures: Split, eps: float) -> list[float]:
    """Robust accuracy by our attack, torchattacks' and foolbox's."""
    torch.manual_seed(0)
    return [
        accuracy(model, pictures.batches(250), attack(eps))
        for attack in (ours, from_torchattacks, from_foolbox)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", default=list(GREY_LEVELS), help="models of the zoo")
    names = parser.parse_args().names
    torch.set_num_threads(1)
    began = time.monotonic()
    pictures = data.load("world", n_unlabelled=0).test[:PICTURES]
    lines = [
        "| model | eps | clean | ours | torchattacks | foolbox | largest difference |",
        "|---" * 7 + "|",
    ]
    for name in names:
        if name not in zoo.names():
            print(f"the zoo has no {name} yet: left out")
            continue
        model = models.zoo.load(name)
        clean = accuracy(model, pictures.batches(250))
        for grey_levels in GREY_LEVELS.get(name, (8,)):
            left = measure(model, pictures, grey_levels / 255)
            told = " | ".join(f"{100 * value:.1f} %" for value in (clean, *left))
            apart = f"{100 * (max(left) - min(left)):.1f} points"
            lines.append(f"| {name} | {grey_levels}/255 | {told} | {apart} |")
            print(lines[-1], flush=True)
    text = page(lines, (time.monotonic() - began) / 60)
    RESULTS.write_text(text, encoding="utf-8")
    print(text)


def page(lines: list[str], minutes: float) -> str:
    table = "\n".join(lines)
    return f"""# PGD-{STEPS} by three libraries

`python benchmarks/oracles.py`, the first {PICTURES:,} test pictures, {minutes:.0f} minutes with one thread.
torchattacks {version("torchattacks")}, foolbox {version("foolbox")}. L-infinity, {STEPS} steps of 2.5 eps / {STEPS},
one random start each.

{table}
"""


if __name__ == "__main__":
    main()
