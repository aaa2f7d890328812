"""Lecture 5's figures show what the loss computes, and say so in words too."""

import math

import matplotlib.pyplot as plt
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from course_utils import plots
from course_utils.plots.simclr import chances, partners
from tests.course_utils.figure_promises import PROMISES


@pytest.fixture(scope="module")
def images():
    return torch.rand(8, 3, 12, 12, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def similarity():
    return cosines(8)


def cosines(views, seed=1):
    chance = torch.Generator().manual_seed(seed)
    z = F.normalize(torch.randn(views, 6, generator=chance).double(), dim=1)
    return z @ z.T


@pytest.fixture(scope="module")
def figures(images, similarity):
    pairs = images[:4].view(2, 2, 3, 12, 12)
    return {
        "quiz": plots.find_the_pairs(images[:4], images[4:], [1, 0, 3, 2]),
        "answers": plots.find_the_pairs(
            images[:4], images[4:], [1, 0, 3, 2], guesses=[1, 2, None, 2], reveal=True
        ),
        "augmentations": plots.augmentations(
            {"crop": images[:3], "flip": images[3:6], "grey": images[5:]}, title="Three changes"
        ),
        "views": plots.views(images[0], images[1:], title="Seven views"),
        "histograms": plots.colour_histograms({"crop": pairs, "colour": pairs}, title="Colours"),
        "matrix": plots.similarity_matrix(images, similarity, title="Read a row"),
        "loss": plots.loss_by_hand(images, similarity, 0.5, title="By hand"),
        "temperature": plots.temperature(images, similarity, 0.1, 2),
        "flow": plots.simclr_flow(images[:2], images[:4], title="SimCLR in one picture"),
    }


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
def test_every_figure_of_simclr_keeps_what_figures_promise(figures, promise):
    for name, figure in figures.items():
        promise(name, figure)
    assert plt.get_fignums() == []


def test_the_quiz_tells_nothing_before_it_is_answered(figures):
    captions = [ax.get_xlabel() for ax in figures["quiz"].axes]
    assert captions == list("ABCD") + list("1234")


def test_the_answers_are_counted_and_pairs_have_equal_frames(figures):
    figure = figures["answers"]
    assert "You had 2 of 4" in figure.get_suptitle()
    captions = [ax.get_xlabel() for ax in figure.axes]
    assert captions[:4] == ["A = 2 ✓", "B = 1 ✗", "C = 4", "D = 3 ✓"]
    frames = [ax.spines["top"].get_edgecolor() for ax in figure.axes]
    assert [frames[4 + place] for place in (1, 0, 3, 2)] == frames[:4]
    assert len(set(frames)) == 4


@given(n=st.integers(2, 40))
def test_partners_are_mutual_and_nobody_is_its_own(n):
    found = partners(2 * n)
    assert all(found[found[i]] == i != found[i] for i in range(2 * n))


@pytest.mark.parametrize("views", [0, 2, 5])
def test_views_without_partners_are_refused(views):
    with pytest.raises(ValueError, match=f"{views} views: give both views of two pictures"):
        partners(views)


@given(temperature=st.floats(0.01, 10), seed=st.integers(0, 1000))
def test_chances_are_chances_and_nobody_chooses_itself(temperature, seed):
    p = chances(cosines(6, seed), temperature)
    assert torch.allclose(p.sum(1), torch.ones(6).double())
    assert p.diagonal().eq(0).all()
    assert (p >= 0).all()


def test_a_temperature_of_zero_is_named(similarity):
    with pytest.raises(ValueError, match="temperature must be above 0, got 0"):
        chances(similarity, 0)


@pytest.mark.parametrize("temperature", [0.05, 0.5, 2.0])
def test_the_mean_in_the_figure_is_nt_xent(images, temperature):
    from course_utils.selfsup import nt_xent, similarity

    z = torch.randn(8, 6, generator=torch.Generator().manual_seed(2))
    figure = plots.loss_by_hand(images, similarity(z), temperature, title="T")
    assert f"mean {float(nt_xent(z[:4], z[4:], temperature)):.3f}" in figure.alt


def test_who_knows_nothing_pays_ln_7_for_four_pictures(images):
    figure = plots.loss_by_hand(images, torch.ones(8, 8), 0.5, title="T")
    assert f"mean {math.log(7):.3f}" in figure.alt
    assert any(text.get_text() == "−ln 0.143 = 1.95" for text in figure.axes[0].texts)


def test_partners_squares_are_framed(figures):
    for name in ("matrix", "loss"):
        corners = {patch.get_xy() for patch in figures[name].axes[0].patches}
        wanted = {(j - 0.47, i - 0.47) for i, j in enumerate([4, 5, 6, 7, 0, 1, 2, 3])}
        assert corners == wanted, name


def test_the_matrix_writes_every_cosine_but_a_view_s_own(figures, similarity):
    texts = figures["matrix"].axes[0].texts
    written = [text.get_text() for text in texts]
    assert written.count("–") == 8
    assert f"{float(similarity[0, 1]):.2f}" in written
    assert len(written) == 64


def test_a_cold_row_gives_all_to_the_nearest_and_a_hot_one_shares(images):
    s = torch.full((8, 8), 0.1).double()
    s[0, 4] = s[4, 0] = 0.9
    s[0, 3] = s[3, 0] = 0.5
    cold, hot = plots.temperature(images, s, 0.01), plots.temperature(images, s, 10.0)
    assert "the partner gets 100.0 %" in cold.get_suptitle().replace("\n", " ")
    assert "100.0 % falls on the nearest one" in cold.get_suptitle().replace("\n", " ")
    assert "17.2 % falls on the nearest one" in hot.get_suptitle().replace("\n", " ")


def test_groups_of_different_sizes_are_refused(images):
    with pytest.raises(ValueError, match="'b' has 2 pictures, the first group 3"):
        plots.augmentations({"a": images[:3], "b": images[:2]}, title="T")


def test_equal_views_have_wholly_overlapping_histograms(images):
    same = images[:1].expand(4, -1, -1, -1).reshape(2, 2, 3, 12, 12)
    assert (
        "partners' curves overlap by 100.0 %" in plots.colour_histograms({"a": same}, title="T").alt
    )
