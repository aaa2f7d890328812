"""What the two tables of representations share: the encoders, what was measured already, how it is written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import torch
from tables import RESULTS, _code, network
from torch import nn

from course_utils import results
from course_utils.data.cache import cache_dir
from course_utils.models import Encoder

RANDOM, SCRATCH, SUPERVISED = "random encoder", "from scratch", "supervised"
PRETRAINED = {"rotation": "world_rotation", "patches": "world_patches", "SimCLR": "world_simclr"}

Found = dict[str, Any]  # nested, with fractions at the ends


def untrained(seed: int) -> Encoder:
    torch.manual_seed(seed)
    return Encoder().eval()


def encoder_of(method: str, seed: int) -> nn.Module:
    if method in (RANDOM, SCRATCH):
        return untrained(seed)
    name = "world_classifier" if method == SUPERVISED else PRETRAINED[method]
    return network(name, seed).encoder  # type: ignore[return-value]


def code_mark(*sources: str) -> str:
    """Changes with the code of these files of course_utils, not with their comments and docstrings."""
    utils = Path(__file__).parents[1] / "course_utils"
    code = "\n".join(_code(utils / source) for source in sources)
    return hashlib.sha256(code.encode()).hexdigest()


def kept(what: str, model: nn.Module, settings: Any, work: Callable[[], Found]) -> Found:
    """The outcome of `work`, from the cache folder where model and settings are the same."""
    mark = hashlib.sha256(repr(settings).encode())
    for tensor in model.state_dict().values():
        mark.update(tensor.cpu().contiguous().numpy().tobytes())
    file = cache_dir() / "benchmarks" / f"{what.replace(' ', '_')}-{mark.hexdigest()[:16]}.json"
    if not file.is_file():
        text = json.dumps(work())
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return json.loads(file.read_text(encoding="utf-8"))


def side_by_side(found: Sequence[Any]) -> Any:
    """The same nested dict for each seed -> one, with a list of one figure a seed at each end."""
    if isinstance(found[0], dict):
        return {key: side_by_side([one[key] for one in found]) for key in found[0]}
    return list(found)


def told(values: Sequence[float]) -> str:
    """'53.12 % ± 1.20' of fractions."""
    percent = [100 * value for value in values]
    spread = f" ± {stdev(percent):.2f}" if len(percent) > 1 else ""
    return f"{mean(percent):.2f} %{spread}"


def gained(values: Sequence[float], over: Sequence[float]) -> str:
    """'+12.34 points ± 0.56': the same seeds compared, fractions."""
    points = [100 * (a - b) for a, b in zip(values, over, strict=True)]
    spread = f" ± {stdev(points):.2f}" if len(points) > 1 else ""
    return f"{mean(points):+.2f} points{spread}"


def grid(heading: str, columns: Sequence[str], rows: dict[str, Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [f"| {heading} | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    lines += [f"| {name} | " + " | ".join(cells) + " |" for name, cells in rows.items()]
    return "\n".join(lines)


def publish(
    name: str,
    title: str,
    seeds: Sequence[int],
    figures: Found,
    parts: Sequence[str],
    *,
    little: bool,
) -> None:
    """The page in benchmarks/results, and its figures in data/results for the lectures to draw.

    A run in little is marked as provisional, and never replaces what a full run measured.
    """
    script = f"benchmarks/{name}.py"
    run = ", ".join(map(str, seeds))
    head = f"`python {script}`, seeds {run}. Mean and standard deviation over seeds."
    if little:
        head = f"**Provisional**: `python {script} --little`, seed {run}; the figures mean nothing yet."
    text = "\n\n".join([f"# {title}", head, *parts]).rstrip() + "\n"
    print(text)
    if little and _measured_in_full(name):
        print("a full run is there already: nothing written")
        return
    (RESULTS / f"{name}.md").write_text(text, encoding="utf-8")
    page = {"script": script, "seeds": list(seeds), "provisional": little, "figures": figures}
    results.save(name, page)


def _measured_in_full(name: str) -> bool:
    try:
        return not results.load(name)["provisional"]
    except ValueError:
        return False
