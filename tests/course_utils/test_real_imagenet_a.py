"""A real network held to ImageNet-A's 200 classes, on real pictures of them."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from course_utils import models, robustness
from course_utils.data import load
from course_utils.data.imagenet_a import INDICES, WORDNET_IDS
from tests.real import real

pytestmark = pytest.mark.real
SHOWN = 40  # pictures: a second or two of SqueezeNet


@pytest.fixture(scope="module")
def samples() -> list[Path]:
    """One ordinary picture of each of ImageNet's 1,000 classes, in ImageNet's order."""
    return sorted(real("imagenet_samples").glob("n*.jpg"))


@pytest.fixture(scope="module")
def loaded(samples, tmp_path_factory):
    """Those of the 200 classes, in the folders of ImageNet-A, through the real path."""
    root = tmp_path_factory.mktemp("pictures") / "imagenet-a"
    for path in samples:
        wordnet_id = path.name.partition("_")[0]
        if wordnet_id in WORDNET_IDS:
            (root / wordnet_id).mkdir(parents=True)
            (root / wordnet_id / path.name).symlink_to(path)
    with pytest.warns(UserWarning, match="holds 200 of ImageNet-A's 7,500 pictures"):
        return load("imagenet_a", source=root, cache=False)


def squeezenet(**options):
    return models.imagenet.squeezenet1_0(
        real("weights", "squeezenet1_0_imagenet_fp16.safetensors"),
        mean=(123 / 255, 117 / 255, 104 / 255),
        std=(1 / 255, 1 / 255, 1 / 255),
        **options,
    )


def test_the_indices_are_the_ranks_of_the_ids_among_imagenets(samples):
    ids = [path.name.partition("_")[0] for path in samples]
    assert len(set(ids)) == 1000
    assert [ids.index(wordnet_id) for wordnet_id in WORDNET_IDS] == list(INDICES)


def test_every_one_of_the_200_classes_is_there_once(loaded):
    assert loaded.test.labels.tolist() == list(range(200))


def test_a_real_network_is_right_about_most_ordinary_pictures_of_the_200(loaded):
    network = squeezenet()
    chosen = torch.randperm(200, generator=torch.Generator().manual_seed(0))[:SHOWN]
    shown = loaded.test[chosen]
    in_all = [(x, torch.tensor(INDICES)[y]) for x, y in shown.batches(20)]
    of_1000 = robustness.accuracy(network, in_all)
    of_200 = robustness.accuracy(models.Subset(network, INDICES), shown.batches(20))
    shifted = models.Subset(network, [*INDICES[1:], INDICES[0]])
    assert 0.55 < of_1000 <= of_200
    assert of_200 > 0.7
    assert robustness.accuracy(shifted, shown[:20].batches(20)) < 0.1  # were the mapping off by one
