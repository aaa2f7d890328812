"""The benchmark that needs a GPU for its real size goes all its way on made pictures, so that it works when one is there."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest
import torch

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def at_scale():
    sys.path.insert(0, str(BENCHMARKS))
    try:
        import selfsup_at_scale

        yield selfsup_at_scale
    finally:
        sys.path.remove(str(BENCHMARKS))


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """CIFAR-10's form, 300 pictures for training and 40 for the test: each class a colour, with noise."""
    place, random = tmp_path_factory.mktemp("cifar"), np.random.default_rng(0)
    colours = random.integers(40, 215, (10, 1, 1, 3))
    for name, n in (("train_0", 150), ("train_1", 150), ("test", 40)):
        y = np.arange(n) % 10
        x = (colours[y] + random.normal(0, 12, (n, 16, 16, 3))).clip(0, 255).astype(np.uint8)
        np.savez(place / f"{name}.npz", x=x, y=y)
    return place


def test_a_folder_becomes_splits_in_every_class_s_proportion(at_scale, folder):
    pictures = at_scale.from_folder(folder)
    assert pictures.train.labels.bincount().tolist() == [27] * 10
    assert pictures.validation.labels.bincount().tolist() == [3] * 10
    with np.load(folder / "test.npz") as test:
        assert np.array_equal(pictures.test.pixels.permute(0, 2, 3, 1).numpy(), test["x"])


def test_a_folder_without_pictures_is_said_so(at_scale, tmp_path):
    with pytest.raises(SystemExit, match=r"no train_\*.npz"):
        at_scale.from_folder(tmp_path)


@pytest.mark.parametrize("pool", [False, True])
def test_the_network_is_resnet_18(at_scale, pool):
    network = at_scale.ResNet18(pool=pool)
    weights = sum(p.numel() for p in network.parameters())
    assert (
        weights == 11_168_832
    )  # torchvision's 11,689,512, less its last layer and a 7 x 7 stem's surplus
    assert network.eval()(torch.rand(2, 3, 16, 16)).shape == (2, network.feature_dim)


@pytest.mark.parametrize("method", ["random", "simclr", "rotation"])
def test_pretraining_and_evaluation_end_in_a_row_of_figures(at_scale, folder, method):
    pictures = at_scale.from_folder(folder)
    size = at_scale.Size(width=4, epochs=1, batch_size=64, unlabelled=128)
    row = at_scale.row(method, Namespace(seed=0, checkpoint=None), pictures, size)
    name, near, linear, best, _ = (cell.strip() for cell in row.strip("|").split("|"))
    assert name == method
    # Colours are told apart by any network, but 200 neighbours of 270 pictures are of all classes.
    assert 0 <= float(near.removesuffix(" %")) <= 100
    assert float(linear.removesuffix(" %")) > 50
    assert float(best.split(" %")[0]) > 50
