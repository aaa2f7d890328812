"""What features are worth downstream: a linear probe, k nearest neighbours, fine-tuning, with few labels.

    train, y = extract_features(encoder, few_labels(world.train, 10, seed=0).batches(250))
    test, truth = extract_features(encoder, world.test.batches(250))
    linear_probe(train, y, test, truth), knn_accuracy(train, y, test, truth, k=5)

[1] Chen, Kornblith, Norouzi, Hinton: A simple framework for contrastive learning of visual
    representations, ICML 2020, arXiv 2002.05709, section 2.3 and appendix B.8: linear evaluation.
[2] Wu, Xiong, Yu, Lin: Unsupervised feature learning via non-parametric instance discrimination,
    CVPR 2018, arXiv 1805.01978, section 3.4: nearest neighbours by cosine similarity.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..data.dataset import Split
from ..data.splits import hold_out
from ..device import halve_on_oom
from ..models import Classifier
from ..models.modes import evaluating
from ..training import evaluate, fit
from ..training.loop import Augment

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

_AT_ONCE = 1000  # test rows compared with all training rows at a time


def extract_features(
    encoder: nn.Module, batches: Iterable[tuple[Tensor, Tensor]]
) -> tuple[Tensor, Tensor]:
    """What the encoder makes of every picture, in eval mode and without a graph.

    Args:
        encoder: images (B, 3, H, W) in [0, 1] -> features (B, D). Its training flags, and those of all
            its submodules, are afterwards what they were.
        batches: (images, labels (B,)) pairs; moved to the encoder's device.

    Returns:
        (features (N, D), labels (N,)), in the order in which the pictures came.

    Raises:
        ValueError: there was not a single picture.
    """
    weight = next(encoder.parameters(), None)
    features: list[Tensor] = []
    labels: list[Tensor] = []
    with evaluating(encoder), torch.no_grad():
        for x, y in batches:
            if weight is not None:
                x, y = x.to(weight.device), y.to(weight.device)
            features += halve_on_oom(encoder, (x,))
            labels.append(y)
    if not features:
        raise ValueError(
            "no pictures to take features of: `batches` was empty (or used up already)"
        )
    return torch.cat(features), torch.cat(labels)


def few_labels(split: Split, per_class: int | None, seed: int = 0) -> Split:
    """A training set with few labels: `per_class` pictures of each class, drawn at random.

    With the same seed a larger draw holds the smaller one. Pictures without a label (-1) stay out.

    Args:
        split: labelled pictures.
        per_class: how many of each class; None: all that have a label.
        seed: of the draw.

    Raises:
        ValueError: a class has fewer pictures than that, or per_class is below 1.
    """
    return split[draw_labels(split.labels, per_class, seed)]


def draw_labels(labels: Tensor, per_class: int | None, seed: int = 0) -> Tensor:
    """Which pictures `few_labels` draws: indices into `labels` (N,), ascending, on their device."""
    known = (labels >= 0).cpu()
    if per_class is None:
        return known.nonzero().flatten().to(labels.device)
    if per_class < 1:
        raise ValueError(f"per_class must be at least 1, or None for all; got {per_class}")
    counts = labels.cpu()[known].bincount()
    fewest = int(counts.min()) if len(counts) else 0
    if fewest < per_class:
        raise ValueError(
            f"per_class = {per_class}, but a class has only {fewest} pictures: ask for no more than that"
        )
    _, drawn = hold_out(labels.cpu(), torch.full_like(counts, per_class), seed)
    return drawn.to(labels.device)


def linear_probe(
    train_features: Tensor,
    train_labels: Tensor,
    test_features: Tensor,
    test_labels: Tensor,
    C: float = 1.0,
) -> float:
    """The test accuracy of a logistic regression on frozen features [1]: can a plane tell the classes apart?

    The features are standardised by mean and deviation of the training features; the test features
    must not say anything about how they are treated.

    Args:
        train_features, test_features: (N, D) and (M, D).
        train_labels, test_labels: (N,) and (M,) int64.
        C: how freely the weights may grow; the penalty is |W|^2 / (2 C) beside the summed loss.

    Raises:
        ValueError: shapes that don't fit together.
    """
    _check(train_features, train_labels, test_features, test_labels)
    mean, deviation, regression = _regression(train_features, train_labels, C)
    standardised = (test_features.cpu().double() - mean) / deviation
    return float(regression.score(standardised.numpy(), test_labels.cpu().numpy()))


def fit_linear(features: Tensor, labels: Tensor, C: float = 1.0) -> nn.Linear:
    """The linear probe as a layer: standardisation and logistic regression in one set of weights.

    `Classifier` with an encoder and this head is a network like any other: it can be attacked.

    Args:
        features: (N, D).
        labels: (N,) int64 in 0..K-1, each class at least once.
        C: as in `linear_probe`.

    Returns:
        Linear(D, K) on the features' device, float32.

    Raises:
        ValueError: a class without a picture, or shapes that don't fit together.
    """
    _check(features, labels)
    present = labels.unique()
    classes = int(present.max()) + 1
    if len(present) != classes:
        raise ValueError(
            f"the labels name {len(present)} classes of {classes}: number them 0, 1, … without a gap"
        )
    mean, deviation, regression = _regression(features, labels, C)
    weight = torch.from_numpy(
        regression.coef_
    ).double()  # (K, D); one row where there are 2 classes
    bias = torch.from_numpy(regression.intercept_).double()
    if len(weight) == 1:
        weight = torch.cat([torch.zeros_like(weight), weight])
        bias = torch.cat([torch.zeros_like(bias), bias])
    weight = weight / deviation
    head = nn.Linear(features.shape[1], classes)
    with torch.no_grad():
        head.weight.copy_(weight)
        head.bias.copy_(bias - weight @ mean)
    return head.to(features.device)


def knn_accuracy(
    train_features: Tensor,
    train_labels: Tensor,
    test_features: Tensor,
    test_labels: Tensor,
    k: int,
) -> float:
    """The test accuracy of k nearest neighbours by cosine similarity [2]: are like pictures near each other?

    The majority of the k labels wins; of equally many votes, those with the larger summed similarity.

    Args:
        train_features, test_features: (N, D) and (M, D).
        train_labels, test_labels: (N,) and (M,) int64, from 0 on.
        k: how many neighbours, 1 to N.

    Raises:
        ValueError: k out of range, or shapes that don't fit together.
    """
    _check(train_features, train_labels, test_features, test_labels)
    if not 1 <= k <= len(train_features):
        raise ValueError(f"k = {k} must be from 1 to the {len(train_features)} training features")
    bank = F.normalize(train_features.float(), dim=1)
    classes = int(torch.maximum(train_labels.max(), test_labels.max())) + 1
    right = 0
    for query, truth in zip(
        test_features.float().split(_AT_ONCE), test_labels.split(_AT_ONCE), strict=True
    ):
        similarity, near = (F.normalize(query, dim=1) @ bank.T).topk(k, dim=1)  # (Q, k)
        said = _vote(similarity, train_labels[near], classes)
        right += int((said == truth).sum())
    return right / len(test_labels)


def _vote(similarity: Tensor, labels: Tensor, classes: int) -> Tensor:
    """(Q,) the winner among each row's labels (Q, k)."""
    empty = torch.zeros(len(labels), classes, device=labels.device)
    votes = empty.scatter_add(1, labels, torch.ones_like(similarity))  # (Q, classes)
    summed = empty.scatter_add(1, labels, similarity)
    most = votes == votes.max(dim=1, keepdim=True).values
    return summed.masked_fill(~most, -torch.inf).argmax(dim=1)


def fine_tune(
    encoder: nn.Module,
    split: Split,
    validation: Split | None = None,
    *,
    updates: int = 200,
    batch_size: int = 50,
    lr: float | Sequence[float] = 1e-3,
    head: nn.Linear | None = None,
    augment: Augment | None = None,
    seed: int = 0,
    progress: bool = False,
) -> Classifier:
    """A classifier that starts from the encoder and learns all its weights; the encoder stays as it is.

    Args:
        encoder: as `models.Encoder`, with `feature_dim`; it is copied.
        split: labelled pictures, all classes among them.
        validation: labelled pictures; they choose among learning rates.
        updates: steps of the optimiser, rounded to whole epochs: the same for few and for many pictures.
        batch_size: pictures an update.
        lr: highest learning rate of the cycle; of several, the one best on `validation`.
        head: where the linear layer starts (copied), for instance `fit_linear`'s; None: at random.
        augment: images -> images, on each batch.
        seed: of the random head, of the order and of the augmentation.
        progress: show a bar.

    Returns:
        The classifier in eval mode, on the encoder's device.

    Raises:
        ValueError: several learning rates but no validation pictures to choose by.
    """
    rates = [lr] if isinstance(lr, (int, float)) else list(lr)
    if not rates or (len(rates) > 1 and validation is None):
        raise ValueError(
            f"lr = {lr}: give one rate, or several and validation pictures to choose by"
        )
    weight = next(encoder.parameters())
    epochs = max(1, round(updates / -(-len(split) // batch_size)))
    best, best_accuracy = None, -1.0
    for rate in rates:
        model = _start(encoder, head, int(split.labels.max()) + 1, seed)
        fit(
            model, split, epochs=epochs, batch_size=batch_size, lr=rate, augment=augment, seed=seed,
            device=weight.device, progress=progress,
        )  # fmt: skip
        reached = 0.0
        if validation is not None and len(rates) > 1:
            reached = evaluate(model, validation)["accuracy"]
        if reached > best_accuracy:
            best, best_accuracy = model, reached
    assert best is not None
    return best


def _start(encoder: nn.Module, head: nn.Linear | None, classes: int, seed: int) -> Classifier:
    """A copy of the encoder, every weight free to learn, under a copy of the head or a random one."""
    with torch.random.fork_rng([]):
        torch.manual_seed(seed)
        model = Classifier(copy.deepcopy(encoder), classes)  # type: ignore[arg-type]
    if head is not None:
        model.head = copy.deepcopy(head)
    return model.requires_grad_(True)


def _regression(
    features: Tensor, labels: Tensor, C: float
) -> tuple[Tensor, Tensor, LogisticRegression]:
    """Mean and deviation (D,) of each feature, and the regression on what is left; float64, on the CPU.

    A feature that never changes counts as one of deviation 1.
    """
    from sklearn.linear_model import LogisticRegression  # here: importing it takes a second

    features = features.cpu().double()
    mean, deviation = features.mean(dim=0), features.std(dim=0, correction=0)
    constant = deviation <= 1e-12 * features.abs().amax(dim=0)
    deviation = deviation.masked_fill(constant, 1.0)
    regression = LogisticRegression(C=C, max_iter=1000)
    regression.fit(((features - mean) / deviation).numpy(), labels.cpu().numpy())
    return mean, deviation, regression


def _check(*pairs: Tensor) -> None:
    """Features and labels in turn."""
    dims = set()
    for features, labels in zip(pairs[::2], pairs[1::2], strict=True):
        if features.ndim != 2 or labels.shape != features.shape[:1] or not len(labels):
            raise ValueError(
                f"features must be (N, D) and labels (N,), N at least 1; "
                f"got {tuple(features.shape)} and {tuple(labels.shape)}"
            )
        dims.add(features.shape[1])
    if len(dims) > 1:
        raise ValueError(
            f"training and test features have different lengths, {sorted(dims)}: use one encoder"
        )
