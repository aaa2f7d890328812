"""Semantic clustering: sort pictures into heaps without labels, and learn from the heaps.

[1] Caron, Bojanowski, Joulin, Douze: Deep clustering for unsupervised learning of visual features,
    ECCV 2018, arXiv 1807.05520.
[2] Caron, Bojanowski, Mairal, Joulin: Unsupervised pre-training of image features on non-curated data,
    ICCV 2019, arXiv 1905.01278: rotation and clustering together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ..data.dataset import Split
from ..models import Classifier, Encoder
from ..training import History, fit
from ..training.loop import Augment
from .probes import extract_features

DIMS = 16  # directions that whitening keeps


def whiten(features: Tensor, dims: int = DIMS) -> Tensor:
    """Features made ready for k-means: no direction counts for more because it varies more.

    Principal components, each divided by its standard deviation, and every row then brought to length 1
    [1, implementation details].

    Args:
        features: (N, D).
        dims: how many of the widest directions to keep; fewer where the features span fewer.

    Returns:
        (N, at most dims) on the features' device, float32 or the features' own wider type.

    Raises:
        ValueError: no such features, or dims below 1.
    """
    _check_features(features)
    if dims < 1:
        raise ValueError(f"dims must be at least 1, got {dims}")
    points = features.detach().double()
    points = points - points.mean(dim=0)
    wide = points.shape[1] > len(points)  # then the products of rows are the smaller matrix: pixels
    variances, directions = torch.linalg.eigh(points @ points.mT if wide else points.mT @ points)
    variances, directions = variances.flip(0), directions.flip(1)  # the widest first
    kept = min(dims, max(1, int((variances > 1e-10 * variances[0]).sum())))
    along = directions[:, :kept] if wide else points @ directions[:, :kept]  # (N, kept)
    white = along / along.norm(dim=0).clamp_min(1e-300)
    return F.normalize(white, dim=1).to(torch.promote_types(features.dtype, torch.float32))


def kmeans(features: Tensor, k: int, seed: int = 0, starts: int = 10) -> Tensor:
    """k-means with Lloyd's steps from k-means++ starts (scikit-learn's): rows near each other share a cluster.

    Args:
        features: (N, D).
        k: number of clusters, at most N.
        seed: of the starts; same seed, same clusters.
        starts: how many to try; the one whose rows lie nearest to their centres is kept.

    Returns:
        assignments (N,) int64 in 0..k-1 on the features' device; the clusters' numbers mean nothing.

    Raises:
        ValueError: no such features, or k outside 1..N.
    """
    from sklearn.cluster import KMeans  # here: importing it takes a second

    _check_features(features)
    if not 1 <= k <= len(features):
        raise ValueError(f"k must lie between 1 and the number of rows, {len(features)}; got {k}")
    points = features.detach().cpu().to(torch.promote_types(features.dtype, torch.float32)).numpy()
    found = KMeans(k, n_init=starts, random_state=seed).fit_predict(points)
    return torch.from_numpy(found).long().to(features.device)


def edges(x: Tensor) -> Tensor:
    """The pictures' outlines, without their colours: DeepCluster shows its network nothing else [1].

    Colours are the easiest thing to sort pictures by, and the least telling. At each pixel the length of
    the Sobel gradient, of the channel where it is longest (so a border between two colours of equal
    brightness counts too, which it doesn't in [1]); then each picture is brought to the same mean
    (0.5) and contrast (a standard deviation of 0.25).

    Args:
        x: (N, 3, H, W) in [0, 1].

    Returns:
        (N, 3, H, W) in [0, 1], three times the same channel, so that any encoder takes it.
    """
    n, channels, h, w = x.shape
    across = x.new_tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]) / 4
    padded = F.pad(x, (1, 1, 1, 1), mode="reflect").view(n * channels, 1, h + 2, w + 2)
    slopes = F.conv2d(padded, torch.stack([across, across.T])[:, None])  # (3N, 2, H, W)
    strength = slopes.norm(dim=1).view(n, channels, h, w).amax(dim=1, keepdim=True)
    mean = strength.mean(dim=(2, 3), keepdim=True)
    deviation = strength.std(dim=(2, 3), keepdim=True, correction=0)
    # An even picture has no edges: the small number leaves it grey.
    even = 0.5 + 0.25 * (strength - mean) / (deviation + 1e-3)
    return even.clamp(0, 1).expand(-1, channels, -1, -1)


def contingency(assignments: Tensor, labels: Tensor) -> Tensor:
    """How many pictures of each class lie in each cluster.

    Args:
        assignments: (N,) whole numbers from 0: clusters.
        labels: (N,) whole numbers from 0: classes.

    Returns:
        (K, C) int64, K and C one more than the largest numbers.

    Raises:
        ValueError: not two rows of N whole numbers, N at least 1, none below 0.
    """
    for name, numbers in (("assignments", assignments), ("labels", labels)):
        if numbers.ndim != 1 or not len(numbers) or numbers.is_floating_point():
            raise ValueError(
                f"{name} must be (N,) whole numbers, N at least 1; "
                f"got {numbers.dtype} of shape {tuple(numbers.shape)}"
            )
        if int(numbers.min()) < 0:
            raise ValueError(
                f"{name} must not be negative, got {int(numbers.min())}: leave out pictures without one"
            )
    if len(assignments) != len(labels):
        raise ValueError(
            f"{len(assignments)} assignments but {len(labels)} labels: one of each a picture"
        )
    clusters, classes = int(assignments.max()) + 1, int(labels.max()) + 1
    pairs = assignments.long().cpu() * classes + labels.long().cpu()
    return pairs.bincount(minlength=clusters * classes).view(clusters, classes)


def cluster_accuracy(assignments: Tensor, labels: Tensor) -> float:
    """The share of pictures that lie in their class's cluster, for the best one-to-one match of the two.

    Found by the Hungarian method. Where there are more clusters than classes, some stay without a class
    and all their pictures count as wrong; the other way round, some classes.

    Args: as for `contingency`.
    """
    from scipy.optimize import linear_sum_assignment

    table = contingency(assignments, labels)
    clusters, classes = linear_sum_assignment(table.numpy(), maximize=True)
    return int(table[clusters, classes].sum()) / len(labels)


def purity(assignments: Tensor, labels: Tensor) -> tuple[Tensor, float]:
    """How much of each cluster is of the class that is commonest in it.

    Args: as for `contingency`.

    Returns:
        ((K,) float32, a cluster without pictures 0; the share of all pictures that are of the commonest
        class of their cluster). The latter grows with K by itself: at K = N it is 1.
    """
    table = contingency(assignments, labels)
    commonest = table.max(dim=1).values  # (K,)
    return commonest / table.sum(dim=1).clamp_min(1), int(commonest.sum()) / len(labels)


@dataclass(frozen=True)
class Round:
    """One round of `deep_cluster`.

    Args:
        assignments: (N,) int64, the clusters found at its beginning, by the encoder as it was then.
        history: of the training on them that followed.
    """

    assignments: Tensor
    history: History


def deep_cluster(
    encoder: Encoder,
    pictures: Split,
    k: int,
    rounds: int,
    *,
    epochs: int = 1,
    batch_size: int = 128,
    lr: float = 3e-3,
    augment: Augment | None = None,
    see: Augment | None = None,
    dims: int = DIMS,
    seed: int = 0,
    progress: bool = True,
    after_round: Callable[[Classifier, Round], None] | None = None,
) -> tuple[Classifier, list[Round]]:
    """DeepCluster: the encoder's own clusters are the labels that it learns from, again and again [1].

    Each round takes the features of all pictures, whitens them, finds k clusters, and trains the encoder
    under a new head to tell them apart; the numbers of two rounds' clusters have nothing to do with
    each other. Every cluster is shown equally often, however large it is, so the encoder can't do well
    by putting everything into one [1, avoiding trivial solutions].

    Args:
        encoder: where to start; trained in place, left in eval mode.
        pictures: their labels are not looked at.
        k: number of clusters; better more than there are classes: [1] takes 10,000 for ImageNet's 1,000.
        rounds: how often to cluster anew.
        epochs: of training in a round.
        batch_size, lr: of the training, as in `training.fit`; each round has its own cycle.
        augment: images -> images, what shall not matter; on the training batches alone.
        see: images -> images, done once to all pictures; for instance `edges`. Whoever uses the encoder
            later has to do it too.
        dims: as in `whiten`.
        seed: of the clusters, the heads, the order and the augmentation.
        progress: show a bar a round.
        after_round: called with the classifier and what the round was.

    Returns:
        (the classifier of the last round's clusters, in eval mode; what each round was).

    Raises:
        ValueError: k outside 1..N, or fewer than one round.
    """
    if rounds < 1:
        raise ValueError(f"rounds must be at least 1, got {rounds}")
    if see is not None:
        pictures = _seen(pictures, see)
    past: list[Round] = []
    for turn in range(rounds):
        features, _ = extract_features(encoder, pictures.batches(250))
        # One start: the next round finds other clusters anyway.
        assignments = kmeans(whiten(features, dims), k, seed + turn, starts=1).to(
            pictures.pixels.device
        )
        with torch.random.fork_rng([]):
            torch.manual_seed(seed + turn)
            model = Classifier(encoder, k).to(features.device)
        chosen = evenly(assignments, seed + turn)
        history = fit(
            model,
            Split(pictures.pixels[chosen], assignments[chosen]),
            epochs=epochs,
            batch_size=batch_size,
            lr=lr,
            augment=augment,
            seed=seed + turn,
            device=features.device,
            progress=progress,
        )
        past.append(Round(assignments, history))
        if after_round is not None:
            after_round(model, past[-1])
    return model, past


def evenly(assignments: Tensor, seed: int = 0) -> Tensor:
    """As many pictures as there are, the same number from every cluster that has any [1, avoiding trivial solutions].

    Args:
        assignments: (N,) int64.
        seed: of the draw, with replacement.

    Returns:
        (at least N,) indices, int64, on the same device.
    """
    chance = torch.Generator().manual_seed(seed)
    members = [
        (assignments.cpu() == cluster).nonzero()[:, 0] for cluster in assignments.unique().tolist()
    ]
    each = -(-len(assignments) // len(members))
    drawn = [one[torch.randint(len(one), (each,), generator=chance)] for one in members]
    return torch.cat(drawn).to(assignments.device)


def _seen(pictures: Split, see: Augment) -> Split:
    pixels = [see(x).mul(255).round().byte() for x, _ in pictures.batches(500)]
    return Split(torch.cat(pixels), pictures.labels)


def _check_features(features: Tensor) -> None:
    if features.ndim != 2 or not features.numel() or not features.is_floating_point():
        raise ValueError(
            f"features must be floats (N, D), got {features.dtype} of shape {tuple(features.shape)}"
        )
