"""How many views a second: `python benchmarks/augmentation_speed.py [--device cuda]`.

SimCLR's augmentation (crop, mirror, colours, grey now and then) by course_utils and by kornia on whole
batches, and by torchvision's v2 transforms one picture at a time, on pictures of 32, 48 and 96 pixels of
the world. All in one run and by turns. Writes benchmarks/results/augmentation_speed.md (on a GPU
augmentation_speed_cuda.md).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from views import KORNIA, OURS, PER_SAMPLE, PER_SAMPLE_BYTES, augmentations, machine, seconds

from course_utils.data.world import world

RESULTS = Path(__file__).parent / "results"
SIZES = (32, 48, 96)
NAMES = (OURS, KORNIA, PER_SAMPLE, PER_SAMPLE_BYTES)


def rates(size: int, n: int, rounds: int, device: torch.device) -> dict[str, float]:
    """Images a second by library."""
    x = world(n, seed=0, size=size).images.to(device)
    work = {name: lambda f=augment: f(x) for name, augment in augmentations(size).items()}  # type: ignore[misc]
    with torch.no_grad():
        return {name: n / took for name, took in seconds(work, device, rounds).items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=256, help="images in a batch")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--device", default="cpu")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    device = torch.device(chosen.device)
    lines = []
    for size in SIZES:
        rate = rates(size, chosen.n, chosen.rounds, device)
        cells = [f"{rate[name]:,.0f}" for name in NAMES]
        cells += [f"{rate[OURS] / rate[name]:.1f}" for name in NAMES[1:]]
        lines.append(f"| {size} | {' | '.join(cells)} |")
        print(lines[-1], flush=True)
    table = "\n".join(lines)
    text = f"""# How many views a second

`python benchmarks/augmentation_speed.py --n {chosen.n} --rounds {chosen.rounds} --device {chosen.device}`: crop of 20 to 100 %
of the area, mirror, brightness, contrast, saturation and hue, grey with probability 0.2; batches of {chosen.n}
pictures, every picture with its own draw. Images a second, the best of {chosen.rounds} rounds by turns;
{machine(device)}. In the last three columns, how many times as fast ours is.

| pixels a side | {" | ".join(NAMES)} | than kornia | than one by one | than that on bytes |
|---|---|---|---|---|---|---|---|
{table}
"""
    name = "augmentation_speed" + ("" if device.type == "cpu" else f"_{device.type}")
    (RESULTS / f"{name}.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
