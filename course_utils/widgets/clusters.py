"""Lecture 6's piles of pictures: choose what k-means looks at, and how many clusters it makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from .. import plots
from ..plots import Picture, percent
from .explore import explore, labelled

MOST = 40  # clusters


def cluster_browser(
    pictures: Tensor,
    features: Mapping[str, Tensor],
    labels: Tensor,
    classes: Sequence[str],
    *,
    start: str | None = None,
    k: int = 10,
    shown: int = 10,
) -> Any:
    """A list of encoders and a slider for the number of clusters; below, a row of pictures a cluster.

    Args:
        pictures: (N, 3, H, W) in [0, 1].
        features: encoder -> (N, D), as k-means is to look at them: whitened, where that is wanted.
        labels: (N,) int64, classes; they judge the clusters, they do not make them.
        classes: their names.
        start: the encoder shown first; by default the first one.
        k: clusters at first.
        shown: pictures a row.

    Raises:
        ValueError: no features, features of other shapes, or a `start` that is not among them.
    """
    if start is not None and start not in features:
        raise ValueError(f"there is no encoder {start!r}; there are: {', '.join(features)}")
    if not features:
        raise ValueError("no encoder to choose: `features` is empty")
    for name, each in features.items():
        if each.ndim != 2 or len(each) != len(pictures):
            raise ValueError(
                f"features of {name!r} must be ({len(pictures)}, D), a row a picture, "
                f"got {tuple(each.shape)}"
            )
    import ipywidgets

    def draw(encoder: str, k: int) -> Picture:
        # Here: the other widgets do without it while a lab withholds it.
        from ..selfsup.clustering import cluster_accuracy, kmeans, purity

        found = kmeans(features[encoder], k, seed=0)
        overall, match = purity(found, labels)[1], cluster_accuracy(found, labels)
        title = (
            f"{encoder}, {k} clusters: purity {percent(overall)}, cluster accuracy {percent(match)}"
        )
        return plots.cluster_rows(pictures, found, labels, classes, title=title, shown=shown)

    most = min(MOST, len(pictures))
    return explore(
        draw,
        {
            "encoder": ipywidgets.Dropdown(
                options=list(features), value=start or next(iter(features)), **labelled("encoder")
            ),
            "k": ipywidgets.IntSlider(
                value=min(k, most),
                min=2,
                max=most,
                continuous_update=False,
                **labelled("clusters", "380px"),
            ),
        },
    )
