"""The encoder that tells faces apart, strangers' faces too."""

from __future__ import annotations

from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils import data
from course_utils.data import Dataset, Split
from course_utils.models import Encoder, Matcher, equal_error_rate
from course_utils.training import fit
from recipes.recipe import Recipe, Trained

EPOCHS, BATCH_SIZE, LR = 12, 64, 3e-3
SCALE, MARGIN = 16.0, 0.1
ENROLLED, SHOTS = 20, 6  # identities in a gallery, and pictures from which each is enrolled


@cache
def pictures() -> Dataset:
    return data.load("faces")


class Prototypes(nn.Module):
    """An encoder and one learnt direction an identity; only the encoder is kept."""

    def __init__(self, encoder: Encoder, identities: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.directions = nn.Parameter(torch.randn(identities, encoder.feature_dim))

    def forward(self, x: Tensor) -> Tensor:
        """(N, 3, H, W) -> cosines (N, identities)."""
        return F.normalize(self.encoder(x), dim=1) @ F.normalize(self.directions, dim=1).T


def large_margin(model: nn.Module, x: Tensor, y: Tensor) -> dict[str, Tensor]:
    """Cross-entropy of cosines, the true one less a margin: Wang et al. 2018 (CosFace), eq. 4."""
    cosines = model(x)
    handicap = MARGIN * F.one_hot(y, cosines.shape[1])
    return {
        "loss": F.cross_entropy(SCALE * (cosines - handicap), y),
        "accuracy": (cosines.argmax(dim=1) == y).float().mean(),
    }


def galleries(split: Split) -> list[tuple[Split, Split]]:
    """The split's persons in groups of 20, each as (pictures to enrol, pictures to ask about).

    Labels are counted from 0 in each group.
    """
    groups = []
    for first in range(int(split.labels.min()), int(split.labels.max()) + 1, ENROLLED):
        of = (split.labels >= first) & (split.labels < first + ENROLLED)
        group = Split(split.pixels[of], split.labels[of] - first, split[of].attributes)
        number = torch.cat([torch.arange(int(n)) for n in group.labels.bincount()])
        groups.append((group[number < SHOTS], group[number >= SHOTS]))
    return groups


def strangers(encoder: nn.Module, split: Split) -> tuple[dict[str, float], float]:
    """How well faces of persons that the encoder never saw are told apart.

    Returns:
        (retrieval and verification figures as fractions, the threshold of the equal error rate).
    """
    right, asked, same, different = 0, 0, [], []
    for enrolled, probes in galleries(split):
        matcher = Matcher.enrol(encoder, enrolled.images, enrolled.labels)
        with torch.no_grad():
            cosines = torch.cat([matcher.similarity(x) for x, _ in probes.batches(250)])
        right += int((cosines.argmax(dim=1) == probes.labels).sum())
        asked += len(probes)
        own = F.one_hot(probes.labels, cosines.shape[1]).bool()
        same.append(cosines[own])
        different.append(cosines[~own])
    error, threshold = equal_error_rate(torch.cat(same), torch.cat(different))
    return {
        f"right one of {ENROLLED} enrolled strangers": right / asked,
        "equal error rate": error,
    }, threshold


def train(seed: int) -> Trained:
    torch.manual_seed(seed)
    split = pictures().train
    model = Prototypes(Encoder(), int(split.labels.max()) + 1)
    history = fit(
        model,
        split,
        epochs=EPOCHS,
        batch_size=BATCH_SIZE,
        lr=LR,
        objective=large_margin,
        seed=seed,
    )
    found, _ = strangers(model.encoder, pictures().validation)
    return Trained(
        model.encoder, history, {f"validation: {what}": figure for what, figure in found.items()}
    )


RECIPES = (
    Recipe(
        name="faces_encoder",
        purpose="It turns a cartoon face into an embedding: two pictures of one person point the same "
        "way. `course_utils.models.Matcher` makes a recogniser of it. It was trained as usual, so "
        "it can be fooled: that is what it is for.",
        classes=(),
        data='`load("faces")`: 7,200 pictures of 48 x 48, 600 persons',
        training=f"cosine softmax with a margin of {MARGIN:g} (CosFace, arXiv 1801.09414), scale "
        f"{SCALE:g}; AdamW, one-cycle learning rate up to {LR:g}, batches of {BATCH_SIZE}, "
        f"{EPOCHS} epochs, no augmentation",
        results="benchmarks/results/lecture2_faces.md",
        train=train,
        returns="features (N, D) to be compared",
    ),
)
