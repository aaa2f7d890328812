"""DeepCluster on the world's pictures: from scratch on their edges, and from the rotation encoder on."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from statistics import mean

import torch
from torch import Tensor, nn

from course_utils import data
from course_utils.data import Dataset, Split
from course_utils.models import Classifier, Encoder
from course_utils.selfsup.augmentations import Augmentation
from course_utils.selfsup.clustering import (
    Round,
    cluster_accuracy,
    deep_cluster,
    edges,
    kmeans,
    whiten,
)
from course_utils.selfsup.probes import extract_features
from course_utils.training import History
from recipes.recipe import Recipe, Trained

# Chosen on validation pictures with seed 0; from scratch the other seeds end lower, and far apart.
K, ROUNDS, EPOCHS, BATCH_SIZE, LR, DIMS = 100, 9, 2, 128, 3e-3, 32
ROTATION_ROUNDS, ROTATION_EPOCHS, ROTATION_LR = 3, 1, 1e-3
# Views of 32 pixels cost less than half of views of 48. Edges have no colours to change.
VIEWS = Augmentation(crop=(0.2, 1.0), colour=0, grey=0, rotate=20, size=32)
COLOURED_VIEWS = Augmentation(size=32)
CLASSES = 10  # clusters that are compared with the classes

See = Callable[[Tensor], Tensor]


@cache
def world() -> Dataset:
    return data.load("world")


def clusters(
    encoder: nn.Module, pictures: Split, seed: int = 0, see: See | None = None, k: int = CLASSES
) -> Tensor:
    """Whitened features of the pictures, sorted by k-means: assignments (N,)."""
    batches = ((see(x) if see else x, y) for x, y in pictures.batches(250))
    features, _ = extract_features(encoder, batches)
    return kmeans(whiten(features), k, seed)


def validated(encoder: nn.Module, see: See | None = None) -> float:
    """Cluster accuracy on the validation pictures, mean over three starts of k-means."""
    pictures = world().validation
    return mean(
        cluster_accuracy(clusters(encoder, pictures, seed, see), pictures.labels)
        for seed in range(3)
    )


def joined(past: list[Round]) -> History:
    """The rounds' trainings as one, its epochs counted through."""
    entries = [entry for one in past for entry in one.history.epochs]
    return History([{**entry, "epoch": at + 1} for at, entry in enumerate(entries)])


def from_scratch(seed: int) -> Trained:
    torch.manual_seed(seed)
    return _trained(Encoder(), seed, rounds=ROUNDS, epochs=EPOCHS, lr=LR, augment=VIEWS, see=edges)


def from_rotation(seed: int) -> Trained:
    from tables import network  # here: it knows all recipes, this one too

    rotation = network("world_rotation", seed)
    assert isinstance(rotation, Classifier)
    return _trained(
        rotation.encoder,
        seed,
        rounds=ROTATION_ROUNDS,
        epochs=ROTATION_EPOCHS,
        lr=ROTATION_LR,
        augment=COLOURED_VIEWS,
    )


def _trained(
    encoder: Encoder,
    seed: int,
    *,
    rounds: int,
    epochs: int,
    lr: float,
    augment: Augmentation,
    see: See | None = None,
) -> Trained:
    pictures = world().unlabelled
    assert pictures is not None
    figure = f"cluster accuracy with k = {CLASSES}, validation"
    print(f"{figure}: at first {validated(encoder, see):.3f}", flush=True)
    model, past = deep_cluster(
        encoder,
        pictures,
        K,
        rounds,
        epochs=epochs,
        batch_size=BATCH_SIZE,
        lr=lr,
        augment=augment,
        see=see,
        dims=DIMS,
        seed=1000 * seed,  # a round takes the next one: no two trainings share any
        after_round=lambda model, _: print(f"{validated(model.encoder, see):.3f}", flush=True),
    )
    return Trained(model, joined(past), {figure: validated(model.encoder, see)})


def training(rounds: int, epochs: int, lr: float, views: str) -> str:
    return (
        f"DeepCluster (Caron et al. 2018, arXiv 1807.05520): {rounds} rounds, in each k-means with "
        f"{K} clusters on {DIMS} whitened features of length 1, a new head, and {epochs} x 8,000 pictures, "
        f"every cluster shown equally often; {views}; AdamW, one-cycle learning rate up to {lr:g} a "
        f"round, batches of {BATCH_SIZE}"
    )


SOURCES = (
    "selfsup/clustering.py",
    "selfsup/augmentations.py",
    "selfsup/probes.py",
)
RETURNS = f"logits (N, {K}) of the last round's clusters"
PICTURES = '`load("world").unlabelled`: 8,000 pictures of 48 x 48, no labels, plain backgrounds'

RECIPES = (
    Recipe(
        name="world_clusters",
        purpose="DeepCluster from scratch: its own clusters were its labels. It has only ever seen "
        "edges, so give it `selfsup.edges(x)`. Its encoder is what it was trained for.",
        classes=(),
        data=PICTURES + ", as edges",
        training=training(
            ROUNDS,
            EPOCHS,
            LR,
            "views of 32 x 32 (crop of 20 to 100 % of the area, mirror, turned by up to 20 degrees)",
        ),
        results="benchmarks/results/beyond.md",
        returns=RETURNS,
        train=from_scratch,
        sources=SOURCES,
    ),
    Recipe(
        name="world_clusters_rotation",
        purpose="DeepCluster that goes on from `world_rotation`'s encoder, on pictures in colour: what "
        "two pretext tasks make together.",
        classes=(),
        data=PICTURES,
        training=training(
            ROTATION_ROUNDS,
            ROTATION_EPOCHS,
            ROTATION_LR,
            "views of 32 x 32 (crop of 20 to 100 % of the area, mirror, colour jitter, grey now and then)",
        ),
        results="benchmarks/results/beyond.md",
        returns=RETURNS,
        train=from_rotation,
        sources=(*SOURCES, "selfsup/rotation.py"),
    ),
)
