"""What clusters mean: k-means on the pixels and on what each encoder of the course makes of the pictures."""

from __future__ import annotations

import torch
from recipes.clusters import CLASSES
from tables import Rows, network
from torch import Tensor, nn

from course_utils import data
from course_utils.data import Split
from course_utils.models import Encoder
from course_utils.selfsup.clustering import cluster_accuracy, edges, kmeans, purity, whiten
from course_utils.selfsup.probes import extract_features

NETWORKS = {
    "rotation": "world_rotation",
    "patches": "world_patches",
    "SimCLR": "world_simclr",
    "supervised": "world_classifier",
    "DeepCluster from rotation": "world_clusters_rotation",
}

ABOUT = (
    f"Clusters: k-means with {CLASSES} clusters on the test pictures of the world, ten starts, on features "
    "whitened by their 16 principal components and brought to length 1 (pixels and edges are treated "
    "alike). Cluster accuracy: the share of pictures whose cluster is that of their class, in the best "
    "one-to-one match. Purity: the share that is of its cluster's commonest class. As they are: k-means on the same "
    "features without whitening. DeepCluster, from scratch, sees edges, and how good it becomes depends "
    "much on the seed; supervised has seen all labels. By lot: a cluster drawn for each picture."
)


def measure(seed: int) -> Rows:
    """'clusters: what' -> cluster accuracy; further rows 'clusters, purity: what' and so on."""
    return on(data.load("world").test, seed)


def on(split: Split, seed: int) -> Rows:
    seen = represented(split, seed)
    rows: Rows = {}
    pure: Rows = {}
    for what, features in seen.items():
        found = kmeans(whiten(features), CLASSES, seed)
        rows[f"clusters: {what}"] = cluster_accuracy(found, split.labels)
        pure[f"clusters, purity: {what}"] = purity(found, split.labels)[1]
    lot = torch.randint(CLASSES, (len(split),), generator=torch.Generator().manual_seed(seed))
    rows["clusters: by lot"] = cluster_accuracy(lot, split.labels)
    plain = {
        f"clusters, features as they are: {what}": cluster_accuracy(
            kmeans(features, CLASSES, seed), split.labels
        )
        for what, features in seen.items()
    }
    return rows | pure | plain


def represented(split: Split, seed: int) -> dict[str, Tensor]:
    """What is clustered: name -> (N, D)."""
    torch.manual_seed(seed)
    untrained = Encoder()
    outlines = Split(edges(split.images).mul(255).round().byte(), split.labels)
    return {
        "pixels": split.images.flatten(1),
        "edges": outlines.images[:, 0].flatten(1),
        "random encoder": _features(untrained, split),
        **{what: _features(_encoder(name, seed), split) for what, name in NETWORKS.items()},
        "DeepCluster": _features(_encoder("world_clusters", seed), outlines),
    }


def _encoder(name: str, seed: int) -> nn.Module:
    encoder = network(name, seed).encoder
    assert isinstance(encoder, nn.Module)
    return encoder


def _features(encoder: nn.Module, split: Split) -> Tensor:
    return extract_features(encoder, split.batches(250))[0]
