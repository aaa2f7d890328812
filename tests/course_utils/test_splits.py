"""Holding out is a partition by a fixed draw; what the cache file keeps, it gives back."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file

from course_utils.data import converted, splits

LABELS = st.lists(st.integers(0, 4), min_size=1, max_size=80).map(torch.tensor)


@given(LABELS, st.data())
@settings(deadline=None)
def test_holding_out_divides_every_class_as_asked(labels, data):
    counts = torch.bincount(labels, minlength=5)
    total = data.draw(st.integers(0, len(labels)))
    quota = splits.proportional(counts, total)
    kept, held = splits.hold_out(labels, quota)
    assert sorted(kept.tolist() + held.tolist()) == list(range(len(labels)))
    assert torch.equal(torch.bincount(labels[held], minlength=5), quota)


@given(LABELS, st.data())
@settings(deadline=None)
def test_proportional_quotas_sum_to_the_total_and_fit(labels, data):
    counts = torch.bincount(labels, minlength=5)
    total = data.draw(st.integers(0, len(labels)))
    quota = splits.proportional(counts, total)
    assert int(quota.sum()) == total
    assert (quota <= counts).all()
    assert ((quota - counts * total / len(labels)).abs() < 1).all()


def test_the_draw_never_changes():
    """A figure in a table is worth nothing if the split moves."""
    labels = torch.arange(20) % 2
    _, held = splits.hold_out(labels, torch.tensor([2, 2]))
    assert held.tolist() == [0, 1, 2, 7]


@given(st.lists(st.integers(0, 255), max_size=30), st.integers(0, 3))
@settings(max_examples=30, deadline=None)
def test_what_is_written_is_read_back_by_us_and_by_the_library(values, rows):
    tensors = {
        "a": torch.tensor(values, dtype=torch.uint8),
        "b": torch.arange(rows * 4).view(rows, 4),
        "c": torch.zeros(0, 3, 2, 2, dtype=torch.uint8),
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "deep" / "x.safetensors"
        converted.write(path, "recipe", tensors, {"fact": "ü"})
        read = converted.read(path, "recipe")
        assert read is not None
        again, facts = read
        assert facts == {"fact": "ü"}
        theirs = load_file(path)
        for name, tensor in tensors.items():
            assert torch.equal(again[name], tensor)
            assert torch.equal(theirs[name], tensor)
        assert converted.read(path, "another recipe") is None
        assert [p.name for p in path.parent.iterdir()] == ["x.safetensors"]


@pytest.mark.parametrize("position", [0, 3, 8, 40, -1, -30])
def test_any_flipped_byte_is_noticed_or_harmless(tmp_path, position):
    path = tmp_path / "x.safetensors"
    tensors = {"a": torch.arange(200, dtype=torch.uint8)}
    converted.write(path, "recipe", tensors, {})
    content = bytearray(path.read_bytes())
    content[position] ^= 0x55
    path.write_bytes(content)
    read = converted.read(path, "recipe")
    assert read is None or torch.equal(read[0]["a"], tensors["a"])
