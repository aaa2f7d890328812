"""A map keeps neighbours near, agreement counts labels, and t-SNE is as good as scikit-learn's."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils import plots
from course_utils.plots.embedding import METHODS
from course_utils.plots.tsne import divergence, joint_chances, tsne
from tests.course_utils.figure_promises import PROMISES


def clusters(groups=4, each=12, dim=8, seed=0):
    chance = torch.Generator().manual_seed(seed)
    centres = 6 * torch.randn(groups, dim, generator=chance)
    points = centres.repeat_interleave(each, 0)
    return points + torch.randn(groups * each, dim, generator=chance), torch.arange(
        groups
    ).repeat_interleave(each)


@pytest.fixture(scope="module")
def figures():
    images = torch.rand(30, 3, 12, 12, generator=torch.Generator().manual_seed(0))
    features, labels = clusters(3, 10)
    chosen = labels == 1
    places = plots.flat(features, "PCA")
    return {
        "map": plots.picture_map(images, places, title="A map"),
        "one class": plots.picture_map(images, places, title="A map", chosen=chosen),
        "neighbours": plots.neighbours(
            images, labels, [0, 12, 25], {"a": features, "b": features.flip(1)}, title="Near"
        ),
    }


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
def test_every_figure_of_features_keeps_what_figures_promise(figures, promise):
    for name, figure in figures.items():
        promise(name, figure)


@pytest.mark.parametrize("method", METHODS)
def test_a_map_lies_in_the_unit_square_and_is_the_same_every_time(method):
    features, _ = clusters()
    places = plots.flat(features, method)
    assert places.shape == (48, 2)
    assert torch.equal(places.min(0).values, torch.zeros(2))
    assert torch.allclose(places.max(0).values, torch.ones(2))
    assert torch.equal(places, plots.flat(features, method))


@pytest.mark.parametrize("method", METHODS)
def test_heaps_in_space_are_heaps_on_the_map(method):
    features, labels = clusters(3)
    places = plots.flat(features, method)
    nearest = (torch.cdist(places, places) + 9 * torch.eye(len(places))).argmin(1)
    assert float((labels[nearest] == labels).float().mean()) > 0.9


def test_pca_s_first_direction_is_the_widest_and_the_second_upright_to_it():
    from sklearn.decomposition import PCA

    features, _ = clusters()
    unit = torch.nn.functional.normalize(features.double(), dim=1).numpy()
    theirs = PCA(2).fit_transform(unit)
    ours = plots.flat(features, "PCA").double().numpy()
    for axis in range(2):
        assert abs(np.corrcoef(theirs[:, axis], ours[:, axis])[0, 1]) == pytest.approx(1)


def test_the_length_of_features_plays_no_part():
    features, _ = clusters()
    longer = features * torch.linspace(0.1, 50, len(features))[:, None]
    assert torch.allclose(plots.flat(longer, "PCA"), plots.flat(features, "PCA"), atol=1e-5)


def test_an_unknown_method_and_too_few_pictures_are_named():
    with pytest.raises(ValueError, match="no method 'UMAP'; choose from t-SNE, PCA"):
        plots.flat(torch.rand(5, 3), "UMAP")
    with pytest.raises(ValueError, match="2 pictures make no map"):
        plots.flat(torch.rand(2, 3))


def test_features_of_one_number_and_equal_features_still_make_a_map():
    assert plots.flat(torch.rand(6, 1), "PCA").isfinite().all()
    assert plots.flat(torch.ones(6, 4), "t-SNE").isfinite().all()


def test_tsne_is_as_good_as_scikit_learn_s():
    from sklearn.manifold import TSNE

    points, _ = clusters(5, 16)
    centred = points - points.mean(0)
    start = torch.pca_lowrank(centred, 2, niter=4)[0]
    theirs = TSNE(perplexity=15, init="pca", random_state=0, method="exact").fit_transform(
        points.numpy()
    )
    worst = divergence(points, torch.from_numpy(theirs), 15)
    assert divergence(points, tsne(points, start, perplexity=15), 15) < worst * 1.1 + 0.02


def test_divergence_agrees_with_scikit_learn_s_own_figure():
    from sklearn.manifold import TSNE

    points, _ = clusters(3, 12)
    made = TSNE(perplexity=10, init="pca", random_state=0, method="exact")
    places = torch.from_numpy(made.fit_transform(points.numpy()))
    assert divergence(points, places, 10) == pytest.approx(made.kl_divergence_, rel=0.01)


@settings(max_examples=20, deadline=None)
@given(n=st.integers(5, 30), share=st.floats(0.1, 0.8), seed=st.integers(0, 99))
def test_chances_in_space_are_symmetric_sum_to_one_and_have_the_perplexity(n, share, seed):
    points = torch.randn(n, 4, generator=torch.Generator().manual_seed(seed)).double()
    p = joint_chances(points, max(1.5, share * n))
    assert torch.allclose(p, p.T)
    assert float(p.sum()) == pytest.approx(1, abs=1e-6)
    assert float(p.diagonal().max()) < 1e-9


def test_a_regular_ring_gives_every_neighbour_its_due():
    """All points alike: the entropy of each row is exactly ln(perplexity)."""
    angle = torch.arange(12).double() * (2 * math.pi / 12)
    p = 12 * joint_chances(torch.stack([angle.cos(), angle.sin()], 1), 4.0)
    entropy = -(p * p.log()).sum(1)
    assert torch.allclose(entropy, torch.full((12,), math.log(4.0)).double(), atol=1e-4)


@pytest.mark.parametrize("perplexity", [0.5, 6])
def test_a_perplexity_that_cannot_be_is_named(perplexity):
    with pytest.raises(ValueError, match=f"perplexity {perplexity:g} with 6 points"):
        tsne(torch.rand(6, 3), torch.rand(6, 2), perplexity=perplexity)


def test_agreement_counts_nearest_neighbours_of_the_same_class():
    features = torch.tensor([[1.0, 0], [1, 0.1], [0, 1], [0.1, 1], [1, 0.3]])
    assert plots.neighbour_agreement(features, torch.tensor([0, 0, 1, 1, 1])) == pytest.approx(0.8)


def test_neighbours_leave_the_picture_itself_out_and_mark_the_class(figures):
    figure = figures["neighbours"]
    assert "a: 12 of 12 neighbours of the same class" in figure.alt
    assert sum(ax.get_xlabel() == "✓" for ax in figure.axes) == 24


def test_neighbours_of_another_class_bear_a_cross():
    images, features = torch.rand(4, 3, 8, 8), torch.eye(4)[[0, 0, 1, 1]]
    figure = plots.neighbours(
        images, torch.tensor([0, 1, 0, 1]), [0], {"a": features}, title="T", k=1
    )
    assert [ax.get_xlabel() for ax in figure.axes] == ["", "✗"]


def test_pictures_lie_where_the_places_say_and_the_chosen_lie_on_top():
    images = torch.zeros(2, 3, 8, 8)
    images[1] = 1.0
    places = torch.tensor([[0.0, 1.0], [0.0, 1.0]])  # both at the top left
    shown = plots.picture_map(images, places, title="T", chosen=torch.tensor([True, False]))
    canvas = shown.axes[0].images[0].get_array()
    assert canvas[20, 20].max() == 0  # the black one in front
    assert canvas[-1, -1].min() == 1  # paper


def test_features_are_taken_in_eval_mode_and_the_network_is_left_as_it_was():
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.BatchNorm1d(12), torch.nn.Dropout())
    images = torch.rand(5, 3, 2, 2)
    before = network[1].running_mean.clone()
    found = plots.features_of(network, images, batch_size=2)
    assert torch.allclose(found, images.flatten(1), atol=1e-4)
    assert network.training
    assert torch.equal(network[1].running_mean, before)
    assert not found.requires_grad
