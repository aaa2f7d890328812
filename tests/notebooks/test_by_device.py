"""What a GPU does otherwise is decided in course_utils by the device, never by hand in a notebook.

No GPU ran these tests: the device is pretended.
"""

from __future__ import annotations

import re
from pathlib import Path

import jupytext
import pytest
import torch

from course_utils import data, device, models, training

SOURCES = sorted((Path(__file__).parents[2] / "notebooks" / "source").glob("l*/*.py"))
BY_HAND = re.compile(
    r"""["'](?:cuda|mps|xpu)|\.(?:cuda|mps|xpu)\b|\.half\(|\bb?float16\b|\bautocast\b|\bGradScaler\b|"""
    r"""\bchannels_last\b|\bmemory_format\b|\bnum_workers\b|\bpin_memory\b|\bnon_blocking\b"""
)
# nt_xent must hold for half precision inputs, which its cells and its checks make on any device.
HALF_PRECISION_IS_THE_TASK = {"lab5_simclr": "nt_xent"}


def by_hand(code: str) -> list[str]:
    return [found[0] for found in BY_HAND.finditer(re.sub(r"#.*", "", code))]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_no_cell_names_a_kind_of_device_or_what_only_a_gpu_wants(source):
    cells = [cell.source for cell in jupytext.read(source).cells if cell.cell_type == "code"]
    assert len(cells) > 10
    task = HALF_PRECISION_IS_THE_TASK.get(source.stem)
    found = {cell: by_hand(cell) for cell in cells if task is None or task not in cell}
    assert {cell: names for cell, names in found.items() if names} == {}


@pytest.mark.parametrize(
    "code", ['model.to("cuda")', "x.half()", "x.cuda()", "torch.autocast('cpu')", "num_workers=4"]
)
def test_the_scan_would_see_it(code):
    assert by_hand(f"{code}  # no comment")


def test_lectures_that_train_in_little_do_more_on_a_gpu():
    sized = [path.stem[:2] for path in SOURCES if "device.sized(" in path.read_text("utf-8")]
    assert sized == ["03", "04", "05", "06"]  # 01 and 02 train only when asked, and then in full


def test_training_goes_into_the_precision_of_the_device_and_the_model_into_its_memory_format(
    monkeypatch,
):
    """A CPU that pretends to be a GPU worth bfloat16: what the forward pass sees is bfloat16."""
    monkeypatch.setattr(device, "half_dtype", lambda _: torch.bfloat16)
    pictures = data.load("world", n_train=8, n_validation=1, n_test=1, n_unlabelled=0).train
    model = models.Classifier(models.Encoder(width=8), 10)
    seen = []

    def objective(model, x, y):
        logits = model(x)
        seen.append(logits.dtype)
        return {"loss": torch.nn.functional.cross_entropy(logits, y)}

    training.fit(model, pictures, epochs=1, batch_size=8, objective=objective, progress=False)
    assert seen == [torch.bfloat16]
    assert model.head.weight.dtype == torch.float32
    kernels = [p for p in model.parameters() if p.dim() == 4 and p.shape[1] > 1]
    assert all(p.is_contiguous(memory_format=torch.channels_last) for p in kernels)
