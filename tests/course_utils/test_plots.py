"""Every figure of the course says what to see, in words too, and shows itself once."""

import matplotlib
import matplotlib.pyplot as plt
import pytest
import torch

from course_utils import plots
from course_utils.plots import picture as pictures
from tests.course_utils.figure_promises import PROMISES

CLASSES = ("house", "tree", "car", "sailing boat", "fish")


@pytest.fixture
def model():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3 * 16 * 16, len(CLASSES)))


@pytest.fixture
def images():
    return torch.rand(6, 3, 16, 16, generator=torch.Generator().manual_seed(0))


def every_figure(model, images):
    one, direction = images[:1], (images[1:2] - 0.5).sign()
    says = plots.confidences(model, images)
    eps = [0, 4 / 255, 8 / 255]
    pairs = ([0.5, 1.0, 2.0], [0.05, 0.05, 0.05])
    return {
        "panda": plots.panda(model, one, direction, 8 / 255, CLASSES),
        "panda with a target": plots.panda(
            model, one, direction, 0.5 / 255, CLASSES, truth=0, target=2
        ),
        "ascent": plots.ascent(images, says, 3, 8 / 255, CLASSES, truth=0),
        "ascent to a target": plots.ascent(images, says, 0, 0.0, CLASSES, truth=0, target=4),
        "gallery": plots.gallery(images, list("abcdef"), title="Six pictures"),
        "quiz": plots.which_is_which(images, [True, False] * 3, list("abcdef")),
        "quiz answered": plots.which_is_which(
            images, [True, False] * 3, list("abcdef"), guesses=[True, True, None] * 2, reveal=True
        ),
        "cues": plots.cues(
            images[:3],
            says[:3],
            ["nothing", "colour", "shape"],
            CLASSES,
            truth=[0, 1, 2],
            title="A house",
        ),
        "bars": plots.bars({"a": 1.5, "b": 3}, title="Two bars", unit="error, %", highlight=["b"]),
        "accuracy": plots.accuracy_against_eps(eps, {"FGSM": [1, 0.5, 0.25]}, chance=0.2, n=100),
        "logits": plots.logit_line(
            model, one, {"uphill": direction, "at random": -direction}, 8 / 255, CLASSES, truth=1
        ),
        "shift": plots.shift_against_pixels(
            [192, 768, 3072],
            {"fresh": pairs, "trained": pairs},
            title="The gap grows",
            unit="shift",
        ),
        "illusion": plots.two_illusions(
            plots.drifting_discs(1, 2, 40), images[0], "you: tree\nit: mug"
        ),
    }


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
def test_every_figure_keeps_what_figures_promise(model, images, promise):
    for name, figure in every_figure(model, images).items():
        promise(name, figure)


def test_the_style_of_the_notebook_is_neither_used_nor_changed(images):
    with plt.style.context("dark_background"):
        before = dict(matplotlib.rcParams)
        figure = plots.gallery(images, list("abcdef"), title="Six pictures")
        assert dict(matplotlib.rcParams) == before
    assert figure.axes[0].xaxis.label.get_color() == pictures.INK


def test_no_figure_is_left_open_in_pyplot(model, images):
    every_figure(model, images)
    assert plt.get_fignums() == []


def test_any_figure_can_be_shown_once_with_alt_text(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda *objects: shown.extend(objects))
    figure, ax = plt.subplots()
    ax.plot([1, 2, 3])
    plots.show(figure, alt='A rising line, "steep"')
    assert len(shown) == 1
    assert 'alt="A rising line, &quot;steep&quot;"' in shown[0].data
    assert plt.get_fignums() == []
    with pytest.raises(ValueError, match="say in a sentence"):
        plots.show(figure, alt=" ")


def test_the_panda_tells_the_network_s_own_answers_for_all_three_panels(model, images):
    one, direction, eps = images[:1], (images[1:2] - 0.5).sign(), 16 / 255
    figure = plots.panda(model, one, direction, eps, CLASSES)
    panels = [one, (direction + 1) / 2, (one + eps * direction).clamp(0, 1)]
    for ax, panel in zip(figure.axes[::2], panels, strict=True):
        best = model(panel).detach().softmax(1)[0].max(0)
        assert CLASSES[int(best.indices)] in ax.get_xlabel()
        assert plots.percent(float(best.values)) in ax.get_xlabel()


def test_confidences_leave_the_model_in_the_mode_it_was_in(model, images):
    model.train()
    says = plots.confidences(model, images)
    assert model.training
    assert not says.requires_grad
    torch.testing.assert_close(says.sum(1), torch.ones(len(images)))


def test_a_gallery_refuses_another_number_of_captions(images):
    with pytest.raises(ValueError, match="6 images but 2 captions"):
        plots.gallery(images, ["a", "b"], title="Two of six")


def test_the_answers_count_what_was_guessed_right(images):
    quiz = plots.which_is_which(
        images[:3], [True, False, True], list("abc"), guesses=[True, True, None], reveal=True
    )
    assert "1 of 3" in quiz.get_suptitle()
    assert "✓" in quiz.axes[0].get_xlabel()
    assert "✗" in quiz.axes[1].get_xlabel()


@pytest.mark.parametrize(
    ("fraction", "words"),
    [(0.577, "57.7 %"), (1, "100.0 %"), (0.99999, "> 99.9 %"), (0, "0.0 %"), (1e-6, "< 0.1 %")],
)
def test_percentages_never_round_away_a_doubt(fraction, words):
    assert plots.percent(fraction) == words


def test_straightness_is_one_for_a_line_and_less_for_a_curve():
    t = torch.linspace(0, 1, 20)
    assert plots.straightness(t, 3 - 2 * t) == pytest.approx(1)
    assert plots.straightness(t, torch.ones(20)) == 1
    assert plots.straightness(t, (t - 0.5) ** 2) < 0.1


def test_slope_finds_the_power_of_a_power_law():
    x = [10, 100, 1000]
    assert plots.slope(x, [3 * value**0.5 for value in x]) == pytest.approx(0.5)


def test_neighbouring_discs_are_mirror_images_and_the_control_lacks_the_fourth_tone():
    pair = plots.drifting_discs(1, 2, 60)
    assert pair.shape == (3, 60, 120)
    assert 0 <= float(pair.min()) <= float(pair.max()) <= 1
    torch.testing.assert_close(pair[:, :, 60:], pair[:, :, :60].flip(1))
    drifting, still = (
        tones(plots.drifting_discs(1, 1, 90, drift=drift)) for drift in (True, False)
    )
    assert (drifting, still) == (4, 3)


def tones(disc) -> int:
    """How many colours cover more than a twentieth of the picture, the ground left out."""
    _, counts = disc.flatten(1).T.round(decimals=2).unique(dim=0, return_counts=True)
    return int((counts > disc[0].numel() / 20).sum()) - 1


def test_an_answer_is_folded_away_with_its_alt_text(images):
    hidden = plots.folded(plots.gallery(images, list("abcdef"), title="Six"), "The <answer>").data
    assert hidden.startswith("<details><summary>The &lt;answer&gt;</summary><img alt=")
    assert hidden.endswith("</details>")
