"""What a step of SimCLR costs: `python benchmarks/simclr_speed.py [--device cuda]`.

A whole step (two views of each picture, the course's encoder and projection head, NT-Xent, its gradient,
AdamW) with the views made by course_utils, by kornia and by torchvision one picture at a time; and
NT-Xent with its gradient beside lightly's, time and memory. All in one run and by turns. Writes
benchmarks/results/simclr_speed.md (on a GPU simclr_speed_cuda.md).
"""

from __future__ import annotations

import argparse
import multiprocessing
import re
from collections.abc import Callable
from pathlib import Path

import lightly  # views' door to torchvision has to be opened before its loss is imported
import torch
from torch import Tensor
from views import KORNIA, OURS, PER_SAMPLE, Augment, augmentations, machine, seconds

from course_utils import device as devices
from course_utils.data.world import world
from course_utils.models import Encoder
from course_utils.models.pretext import ProjectionHead, SimCLRNet
from course_utils.selfsup.simclr import nt_xent, simclr, two_views

RESULTS = Path(__file__).parent / "results"
TEMPERATURE, DIM = 0.2, 128
BATCHES = (256, 1024, 2048)
Loss = Callable[[Tensor, Tensor, float], Tensor]


def one_step(augment: Augment, x: Tensor) -> Callable[[], None]:
    torch.manual_seed(0)
    encoder = Encoder()
    model = SimCLRNet(encoder, ProjectionHead(encoder.feature_dim, 128, 64)).to(x.device).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    objective = simclr(augment, TEMPERATURE)
    labels = torch.zeros(len(x), dtype=torch.int64, device=x.device)

    def step() -> None:
        optimizer.zero_grad(set_to_none=True)
        with devices.autocast(x.device):
            loss = objective(model, x, labels)["loss"]
        loss.backward()
        optimizer.step()

    return step


def steps(size: int, n: int, rounds: int, device: torch.device) -> list[str]:
    x = world(n, seed=0, size=size).images.to(device)
    makers = augmentations(size)
    names = (OURS, KORNIA, PER_SAMPLE)
    work: dict[str, Callable[[], object]] = {name: one_step(makers[name], x) for name in names}
    views = {f"{name}, views": lambda f=makers[name]: two_views(x, f) for name in names}  # type: ignore[misc]
    took = seconds(work | views, device, rounds)
    return [
        f"| {size} | {name} | {n / took[name]:,.0f} | {100 * took[f'{name}, views'] / took[name]:.0f} % "
        f"| {took[name] / took[OURS]:.2f} |"
        for name in names
    ]


def lightlys(z1: Tensor, z2: Tensor, temperature: float) -> Tensor:
    from lightly.loss import NTXentLoss

    return NTXentLoss(temperature=temperature)(z1, z2)


LOSSES: dict[str, Loss] = {OURS: nt_xent, "lightly": lightlys}


def loss_with_gradient(name: str, n: int, device: torch.device) -> Callable[[], None]:
    z1, z2 = (torch.randn(n, DIM, device=device, requires_grad=True) for _ in range(2))

    def run() -> None:
        z1.grad = z2.grad = None
        LOSSES[name](z1, z2, TEMPERATURE).backward()

    return run


def most_memory(name: str, n: int, kind: str) -> float:
    """MB more than before, at the peak of the first call for a batch of n; in a process of its own."""
    torch.set_num_threads(1)
    device = torch.device(kind)
    loss_with_gradient(name, 8, device)()  # what a first call loads is no part of the loss
    run = loss_with_gradient(name, n, device)
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        before = torch.cuda.memory_allocated(device)
        run()
        return (torch.cuda.max_memory_allocated(device) - before) / 2**20
    _forget_peak()
    before = _peak()
    run()
    return (_peak() - before) / 2**10


def _forget_peak() -> None:
    """Linux: the most memory so far becomes what is in use now, so that torch's own import does not count."""
    Path("/proc/self/clear_refs").write_text("5")


def _peak() -> int:
    """KiB of memory that this process had at its largest since `_forget_peak`."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1])  # type: ignore[index]


def losses(n: int, rounds: int, device: torch.device) -> list[str]:
    took = seconds({name: loss_with_gradient(name, n, device) for name in LOSSES}, device, rounds)
    rows = []
    for name in LOSSES:
        with multiprocessing.get_context("spawn").Pool(1) as fresh:
            memory = fresh.apply(most_memory, (name, n, str(device)))
        rows.append(
            f"| {n} | {name} | {1000 * took[name]:.1f} | {took[name] / took[OURS]:.2f} | {memory:.0f} |"
        )
        print(rows[-1], flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=256, help="images in a batch of the whole step")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--device", default="cpu")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    device = torch.device(chosen.device)
    whole, alone = [], []
    for size in (32, 48):
        whole += steps(size, chosen.n, chosen.rounds, device)
        print(*whole[-3:], sep="\n", flush=True)
    for n in BATCHES:
        alone += losses(n, chosen.rounds, device)
    name = "simclr_speed" + ("" if device.type == "cpu" else f"_{device.type}")
    (RESULTS / f"{name}.md").write_text(page(chosen, device, whole, alone), encoding="utf-8")


def page(
    chosen: argparse.Namespace, device: torch.device, whole: list[str], alone: list[str]
) -> str:
    command = f"python benchmarks/simclr_speed.py --n {chosen.n} --rounds {chosen.rounds} --device {chosen.device}"
    return f"""# What a step of SimCLR costs

`{command}`: the best of {chosen.rounds} rounds by turns;
{machine(device)}, lightly {lightly.__version__}.

## The whole step

Two views of {chosen.n} pictures, the course's encoder and projection head, NT-Xent, its gradient and AdamW. The
share is the time that making the views takes by itself.

| pixels a side | views by | images/s | share of the augmentation | times our step |
|---|---|---|---|---|
{chr(10).join(whole)}

## NT-Xent and its gradient

N pictures, embeddings of {DIM} numbers, temperature {TEMPERATURE:g}. Memory is the most that a process had more than before.

| N | by | ms | times ours | MB |
|---|---|---|---|---|
{chr(10).join(alone)}
"""


if __name__ == "__main__":
    main()
