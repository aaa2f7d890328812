"""Clusters: k-means, what clusters are worth, and DeepCluster in little."""

from itertools import permutations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from torch import Tensor

from course_utils.data import Split
from course_utils.models import Encoder
from course_utils.selfsup import (
    cluster_accuracy,
    contingency,
    deep_cluster,
    edges,
    kmeans,
    purity,
    whiten,
)
from course_utils.selfsup.clustering import evenly


def numbers(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@st.composite
def clusterings(draw: st.DrawFn) -> tuple[Tensor, Tensor]:
    n = draw(st.integers(1, 30))
    clusters, classes = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    seed = numbers(draw(st.integers(0, 10_000)))
    return (
        torch.randint(clusters, (n,), generator=seed),
        torch.randint(classes, (n,), generator=seed),
    )


def by_trying_all(assignments: Tensor, labels: Tensor) -> float:
    """The best of all one-to-one matches, one picture at a time."""
    size = 1 + max(int(assignments.max()), int(labels.max()))
    pairs = list(zip(assignments.tolist(), labels.tolist(), strict=True))
    return max(
        sum(match[cluster] == label for cluster, label in pairs) / len(pairs)
        for match in permutations(range(size))
    )


@settings(max_examples=60, deadline=None)
@given(clusterings())
def test_cluster_accuracy_is_that_of_the_best_of_all_matches(drawn):
    assignments, labels = drawn
    assert cluster_accuracy(assignments, labels) == pytest.approx(
        by_trying_all(assignments, labels)
    )


@settings(max_examples=60, deadline=None)
@given(clusterings(), st.integers(0, 10_000))
def test_the_numbers_of_the_clusters_mean_nothing(drawn, seed):
    assignments, labels = drawn
    renamed = torch.randperm(9, generator=numbers(seed))[assignments]
    assert cluster_accuracy(renamed, labels) == cluster_accuracy(assignments, labels)
    before, overall = purity(assignments, labels)
    after, overall_after = purity(renamed, labels)
    assert overall_after == overall
    there = assignments.unique()
    new = torch.randperm(9, generator=numbers(seed))[there]
    assert torch.equal(after[new], before[there])


@settings(max_examples=40, deadline=None)
@given(clusterings())
def test_purity_is_at_least_cluster_accuracy(drawn):
    assert purity(*drawn)[1] >= cluster_accuracy(*drawn)


def test_purity_by_hand():
    #        cluster 0: 2 of 3 are class 1; cluster 1: both class 0; 2: nobody; 3: one of class 1
    assignments = torch.tensor([0, 0, 0, 1, 1, 3])
    labels = torch.tensor([1, 0, 1, 0, 0, 1])
    each, overall = purity(assignments, labels)
    assert each.tolist() == pytest.approx([2 / 3, 1.0, 0.0, 1.0])
    assert overall == pytest.approx(5 / 6)
    assert contingency(assignments, labels).tolist() == [[1, 2], [2, 0], [0, 0], [0, 1]]


def test_clusters_beyond_the_classes_count_as_wrong():
    labels = torch.tensor([0, 0, 0, 0, 1, 1])
    split = torch.tensor([0, 0, 0, 1, 2, 2])  # class 0 torn in two: one picture is lost
    assert cluster_accuracy(split, labels) == pytest.approx(5 / 6)
    one = torch.zeros(6, dtype=torch.long)  # one heap: only its commonest class is right
    assert cluster_accuracy(one, labels) == pytest.approx(4 / 6)
    assert purity(torch.arange(6), labels)[1] == 1.0  # a cluster a picture is pure, and useless
    assert cluster_accuracy(torch.arange(6), labels) == pytest.approx(2 / 6)


@pytest.mark.parametrize(
    ("assignments", "labels", "says"),
    [
        (torch.tensor([0, 1]), torch.tensor([0, 1, 1]), "2 assignments but 3 labels"),
        (torch.tensor([0, 1]), torch.tensor([0, -1]), "labels must not be negative, got -1"),
        (torch.tensor([0.0, 1.0]), torch.tensor([0, 1]), "assignments must be .* whole numbers"),
        (torch.tensor([]).long(), torch.tensor([]).long(), "N at least 1"),
        (torch.tensor([[0]]), torch.tensor([0]), r"shape \(1, 1\)"),
    ],
)
def test_what_is_no_clustering_is_refused(assignments, labels, says):
    for measure in (cluster_accuracy, purity, contingency):
        with pytest.raises(ValueError, match=says):
            measure(assignments, labels)


def heaps(n: int = 40, k: int = 4, dims: int = 6) -> tuple[Tensor, Tensor]:
    """(features, labels): k heaps far apart."""
    labels = torch.arange(n) % k
    centres = 20 * torch.eye(k, dims)
    return centres[labels] + torch.randn(n, dims, generator=numbers(0)), labels


def test_kmeans_finds_heaps_that_lie_far_apart():
    features, labels = heaps()
    found = kmeans(features, 4, seed=0)
    assert (found.dtype, found.shape) == (torch.int64, (40,))
    assert cluster_accuracy(found, labels) == 1.0


def test_kmeans_is_the_same_for_the_same_seed_and_another_for_another():
    features = torch.randn(200, 8, generator=numbers(1))
    first = kmeans(features, 7, seed=3, starts=1)
    assert torch.equal(kmeans(features, 7, seed=3, starts=1), first)
    assert not torch.equal(kmeans(features, 7, seed=4, starts=1), first)


def test_every_row_lies_nearest_to_the_mean_of_its_own_cluster():
    features = torch.randn(300, 5, generator=numbers(2), dtype=torch.float64)
    found = kmeans(features, 6, seed=0)
    centres = torch.stack([features[found == cluster].mean(dim=0) for cluster in range(6)])
    nearest = torch.cdist(features, centres).argmin(dim=1)
    # scikit-learn stops when the centres move hardly any more: a row on the border may be left.
    assert float((nearest == found).double().mean()) > 0.98


def test_kmeans_says_what_it_cannot_do():
    with pytest.raises(ValueError, match="k must lie between 1 and the number of rows, 5; got 6"):
        kmeans(torch.randn(5, 2), 6)
    with pytest.raises(ValueError, match=r"floats \(N, D\)"):
        kmeans(torch.randn(5, 2, 2), 2)


@pytest.mark.parametrize("shape", [(60, 9), (20, 50)])
def test_whitening_is_that_of_scikit_learn_with_rows_of_length_one(shape):
    features = torch.randn(shape, generator=numbers(4)) * torch.linspace(0.1, 5, shape[1])
    white = whiten(features, 6).double()
    oracle = torch.from_numpy(PCA(6, whiten=True, svd_solver="full").fit_transform(features))
    oracle = oracle / oracle.norm(dim=1, keepdim=True)
    # The directions' signs are anybody's: compare what k-means sees, the cosines.
    assert torch.allclose(white @ white.T, oracle.double() @ oracle.double().T, atol=1e-4)


def test_whitening_keeps_no_direction_in_which_nothing_varies():
    flat = torch.randn(30, 2, generator=numbers(5)) @ torch.randn(2, 10, generator=numbers(6))
    assert whiten(flat, 8).shape == (30, 2)
    still = whiten(torch.ones(7, 4), 3)
    assert torch.isfinite(still).all()


@settings(max_examples=30, deadline=None)
@given(st.floats(0.1, 100), st.integers(0, 1000))
def test_whitening_does_not_care_for_scale_or_place(factor, seed):
    features = torch.randn(25, 5, generator=numbers(seed), dtype=torch.float64)
    white, moved = whiten(features, 4), whiten(factor * features + 3, 4)
    assert torch.allclose(white @ white.T, moved @ moved.T, atol=1e-6)


def test_edges_are_scipys_sobel_gradients_brought_to_one_contrast():
    x = torch.rand(2, 3, 12, 10, generator=numbers(8), dtype=torch.float64)
    drawn = edges(x)
    for picture, lines in zip(x.numpy(), drawn, strict=True):
        slopes = [
            sum(ndimage.sobel(channel, axis, mode="mirror") ** 2 for axis in (0, 1)) ** 0.5 / 4
            for channel in picture
        ]
        strongest = torch.from_numpy(slopes[0]).maximum(torch.from_numpy(slopes[1]))
        strongest = strongest.maximum(torch.from_numpy(slopes[2]))
        spread = strongest.std(correction=0) + 1e-3
        expected = (0.5 + 0.25 * (strongest - strongest.mean()) / spread).clamp(0, 1)
        for channel in lines:
            assert torch.allclose(channel, expected, atol=1e-12)


def test_edges_do_not_tell_colours_light_or_even_surfaces():
    x = torch.rand(3, 3, 16, 16, generator=numbers(9)) / 2
    assert torch.allclose(edges(x.flip(1)), edges(x), atol=1e-6)  # red and blue exchanged
    assert torch.allclose(edges(x + 0.3), edges(x), atol=1e-4)
    assert torch.allclose(edges(1 - x), edges(x), atol=1e-4)
    assert torch.equal(edges(torch.full((1, 3, 8, 8), 0.7)), torch.full((1, 3, 8, 8), 0.5))


def test_deep_cluster_learns_from_what_it_is_let_see():
    pictures = coloured(48)
    with pytest.warns(ConvergenceWarning):
        blind, past = small_run(pictures, see=lambda x: torch.full_like(x, 0.5))
    # Nothing to tell apart: k-means finds a single cluster, of however many it is asked for.
    assert past[0].assignments.unique().numel() == 1
    told, _ = small_run(pictures, see=lambda x: x)
    plain, _ = small_run(pictures)
    assert torch.equal(told.head.weight, plain.head.weight)
    assert not torch.equal(blind.head.weight, plain.head.weight)


def test_every_cluster_is_shown_equally_often():
    assignments = torch.tensor([0] * 90 + [2] * 8 + [5] * 2)  # 1, 3 and 4 are empty
    chosen = evenly(assignments, seed=0)
    assert assignments[chosen].bincount().tolist() == [34, 0, 34, 0, 0, 34]
    assert torch.equal(evenly(assignments, seed=0), chosen)


def coloured(n: int = 96) -> Split:
    """Noisy pictures that are red, green or blue, and whose labels say nothing."""
    kind = torch.arange(n) % 3
    pixels = 20 * torch.randn(n, 3, 16, 16, generator=numbers(7)) + 90
    pixels[torch.arange(n), kind] += 80
    return Split(pixels.clamp(0, 255).byte(), torch.full((n,), -1))


def small_run(pictures: Split, rounds: int = 2, **options):
    torch.manual_seed(0)
    return deep_cluster(
        Encoder(width=4), pictures, 3, rounds, batch_size=32, dims=2, progress=False, **options
    )


def test_deep_cluster_finds_what_the_pictures_have_and_learns_it():
    pictures = coloured()
    model, past = small_run(pictures, rounds=3, epochs=4)
    kinds = torch.arange(len(pictures)) % 3
    assert (len(past), model.training, model.num_classes) == (3, False, 3)
    assert past[-1].history["train_accuracy"][-1] > 0.9  # chance: a third
    with torch.no_grad():
        answers = model(pictures.images).argmax(dim=1)
    assert cluster_accuracy(answers, kinds) > 0.9


def test_deep_cluster_is_repeatable_and_leaves_the_callers_randomness_alone():
    pictures = coloured(48)
    first, _ = small_run(pictures)
    state = torch.get_rng_state()
    second, past = small_run(pictures)
    assert torch.equal(torch.get_rng_state(), state)
    for one, other in zip(first.parameters(), second.parameters(), strict=True):
        assert torch.equal(one, other)
    assert past[0].assignments.shape == (48,)


def test_each_round_has_a_new_head_on_the_same_encoder():
    torch.manual_seed(0)
    encoder = Encoder(width=4)
    seen = []
    model, _ = deep_cluster(
        encoder, coloured(48), 3, 2, dims=2, batch_size=32, progress=False,
        after_round=lambda model, past: seen.append((model, past)),
    )  # fmt: skip
    assert seen[1][0] is model
    assert seen[0][0].head is not model.head
    assert all(one.encoder is encoder for one, _ in seen)


def test_the_pictures_labels_are_never_looked_at():
    pictures = coloured(48)
    told = Split(pictures.pixels, torch.arange(48) % 3)
    first, _ = small_run(pictures)
    second, _ = small_run(told)
    assert torch.equal(first.head.weight, second.head.weight)


def test_deep_cluster_refuses_no_rounds():
    with pytest.raises(ValueError, match="rounds must be at least 1, got 0"):
        small_run(coloured(48), rounds=0)
