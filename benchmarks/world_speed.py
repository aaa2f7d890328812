"""How fast the world is drawn: `python benchmarks/world_speed.py [--n 10000] [--size 48]`."""

import argparse
import time

import torch

from course_utils import device as devices
from course_utils.data.world import render, sample


def seconds(n: int, size: int, device: torch.device, background: str) -> tuple[float, float]:
    """Wall time and processor time of drawing n pictures, from the seed to the pixels."""
    render(sample(200, 1, background=background), size, device)  # warm-up
    if device.type == "cuda":
        torch.cuda.synchronize()
    began, worked = time.perf_counter(), time.process_time()
    render(sample(n, 0, background=background), size, device)
    if device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - began, time.process_time() - worked


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=10_000, help="pictures to draw")
    parser.add_argument("--size", type=int, default=48, help="pixels a side")
    parser.add_argument("--device", default=None, help="default: the best there is")
    arguments = parser.parse_args()
    device = devices.pick(arguments.device)
    print(f"{devices.describe(device)}; {torch.get_num_threads()} threads")
    for background in ("plain", "scene"):
        took, worked = seconds(arguments.n, arguments.size, device, background)
        print(
            f"{arguments.n:,} {background} pictures of {arguments.size} x {arguments.size}: "
            f"{took:.1f} s, {arguments.n / took:,.0f} images/s; {worked:.1f} s of processor time "
            f"({worked / torch.get_num_threads():.1f} s on a machine with nothing else to do)"
        )


if __name__ == "__main__":
    main()
