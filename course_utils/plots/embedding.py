"""Features seen: pictures laid out by what an encoder makes of them, and the nearest ones to a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.plots.picture import (
    BLUE,
    INK,
    VERMILLION,
    Picture,
    draw_image,
    new,
    percent,
    sentence,
    styled,
)
from course_utils.plots.tsne import tsne

METHODS = ("t-SNE", "PCA")


def features_of(network: nn.Module, images: Tensor, batch_size: int = 256) -> Tensor:
    """`selfsup.extract_features` of images (N, 3, H, W) in [0, 1] that need no labels: (N, D) float32."""
    from course_utils.selfsup.probes import extract_features

    nobody_asks = torch.zeros(len(images), dtype=torch.long)
    batches = zip(images.split(batch_size), nobody_asks.split(batch_size), strict=True)
    return extract_features(network, batches)[0].float()


def flat(features: Tensor, method: str = "t-SNE") -> Tensor:
    """Features on a sheet of paper.

    Args:
        features: (N, D), N at least 3.
        method: "PCA": the two directions in which they vary most. "t-SNE": neighbours stay neighbours, distances
            between far groups mean nothing (van der Maaten, Hinton, JMLR 2008).

    Returns:
        (N, 2) float32 on the CPU, each column from 0 to 1.
    """
    if method not in METHODS:
        raise ValueError(f"there is no method {method!r}; choose from {', '.join(METHODS)}")
    if len(features) < 3:
        raise ValueError(f"{len(features)} pictures make no map: give at least 3")
    # Cosines are what all comparisons of the course go by, so lengths play no part in the map either.
    points = F.normalize(features.detach().cpu().double(), dim=1)
    points = points - points.mean(dim=0)
    places = _principal(points)
    if method == "t-SNE":
        places = tsne(points, places, perplexity=min(30.0, len(points) / 3))
    least, most = places.min(dim=0).values, places.max(dim=0).values
    return ((places - least) / (most - least).clamp_min(1e-12)).float()


def _principal(points: Tensor) -> Tensor:
    u, s, _ = torch.linalg.svd(points, full_matrices=False)
    places = u * s  # (N, min(N, D)), the widest direction first
    if places.shape[1] == 1:
        places = F.pad(places, (0, 1))
    return places[:, :2]


def neighbour_agreement(features: Tensor, labels: Tensor) -> float:
    """For how many pictures the most similar other picture (by cosine) is of the same class: a fraction."""
    unit = F.normalize(features.detach().float(), dim=1)
    similarity = (unit @ unit.T).fill_diagonal_(-torch.inf)
    return float((labels[similarity.argmax(dim=1)] == labels).float().mean())


@styled
def picture_map(
    images: Tensor,
    places: Tensor,
    *,
    title: str,
    chosen: Tensor | None = None,
    size: int = 40,
) -> Picture:
    """A map on which every picture lies at its place.

    Args:
        images: (N, 3, H, W) in [0, 1].
        places: (N, 2) in [0, 1], x to the right, y upwards.
        chosen: (N,) bool; those stand out, the others fade.
        size: side of a thumbnail in dots; the map is 1000 dots wide.
    """
    chosen = torch.ones(len(images), dtype=torch.bool) if chosen is None else chosen.cpu()
    told = f"{len(images)} small pictures, {int(chosen.sum())} of them not faded; alike ones lie together"
    picture = new(10, 8, title=title, alt=sentence(title, told))
    ax = picture.subplots()
    canvas = _collage(images, places, chosen, size, wide=1000, high=720)
    # In sheet coordinates, so that the pixels stay square however the figure is laid out.
    ax.imshow(canvas, interpolation="antialiased")
    ax.set_xticks([])
    ax.set_yticks([])
    for spine in ax.spines.values():
        spine.set_visible(False)
    return picture


def _collage(
    images: Tensor, places: Tensor, chosen: Tensor, size: int, wide: int, high: int
) -> np.ndarray:
    """(high, wide, 3) in [0, 1]: thumbnails pasted onto white, the chosen ones last and with an edge."""
    canvas = np.ones((high, wide, 3), dtype=np.float32)
    small = F.interpolate(images.detach().float().cpu(), (size, size), mode="area")
    thumbs = small.permute(0, 2, 3, 1).clamp(0, 1).numpy()
    faded = not bool(chosen.all())
    order = torch.cat([(~chosen).nonzero()[:, 0], chosen.nonzero()[:, 0]]).tolist()
    x = (places[:, 0] * (wide - size)).round().long().tolist()
    y = ((1 - places[:, 1]) * (high - size)).round().long().tolist()
    edge = np.array([0.835, 0.369, 0.0], dtype=np.float32)  # vermillion
    for i in order:
        thumb = thumbs[i].copy()
        if faded and not chosen[i]:
            thumb = 0.25 * thumb + 0.75
        elif faded:
            thumb[[0, 1, -2, -1]] = thumb[:, [0, 1, -2, -1]] = edge
        canvas[y[i] : y[i] + size, x[i] : x[i] + size] = thumb
    return canvas


@styled
def neighbours(
    images: Tensor,
    labels: Tensor,
    queries: Sequence[int],
    features: Mapping[str, Tensor],
    *,
    title: str,
    k: int = 4,
) -> Picture:
    """A few pictures, and for each representation the pictures that lie nearest to them.

    Args:
        images: (N, 3, H, W) in [0, 1]; labels: (N,) int64, their classes.
        queries: the pictures to ask about, places in `images`.
        features: name -> (N, D).
        k: neighbours shown. A blue frame and a tick: of the query's class; orange and a cross: not.
    """
    found = {name: _nearest(each, queries, k) for name, each in features.items()}
    told = "; ".join(
        f"{name}: {_right(labels, queries, rows)} of {len(queries) * k} neighbours of the same class"
        for name, rows in found.items()
    )
    columns = 1 + len(features) * k
    side = 9.6 / (columns + 0.35 * len(features))
    picture = new(10, 1.2 + len(queries) * side * 1.18, title=title, alt=sentence(title, told))
    ratios = [k + 0.0] * len(features)
    panels = picture.subfigures(1, 1 + len(features), width_ratios=[1.25, *ratios], squeeze=False)[
        0
    ]
    panels[0].suptitle("asked", fontsize=11)
    for ax, query in zip(
        panels[0].subplots(len(queries), 1, squeeze=False).flat, queries, strict=True
    ):
        draw_image(ax, images[query])
    for panel, (name, rows) in zip(panels[1:], found.items(), strict=True):
        right = _right(labels, queries, rows)
        panel.suptitle(f"{name}: {right} of {len(queries) * k}", fontsize=11)
        axes = panel.subplots(len(queries), k, squeeze=False)
        for line, query, row in zip(axes, queries, rows.tolist(), strict=True):
            for ax, place in zip(line, row, strict=True):
                same = bool(labels[place] == labels[query])
                draw_image(ax, images[place], frame=BLUE if same else VERMILLION)
                ax.set_xlabel("✓" if same else "✗", fontsize=9, color=INK, labelpad=1)
    return picture


def _nearest(features: Tensor, queries: Sequence[int], k: int) -> Tensor:
    """(Q, k) places of the most similar pictures, by cosine, the picture itself left out."""
    unit = F.normalize(features.detach().float().cpu(), dim=1)
    asked = torch.as_tensor(list(queries))
    similarity = unit[asked] @ unit.T  # (Q, N)
    similarity[torch.arange(len(asked)), asked] = -torch.inf
    return similarity.topk(k, dim=1).indices


def _right(labels: Tensor, queries: Sequence[int], rows: Tensor) -> int:
    labels = labels.cpu()
    return int((labels[rows] == labels[list(queries)][:, None]).sum())


def agreement_title(name: str, share: float, n: int) -> str:
    """The title of a map: who made it, and how often nearest neighbours are of one class."""
    return (
        f"{name}: the nearest neighbour shows the same thing for {percent(share)} of {n} pictures"
    )
