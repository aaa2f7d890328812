"""Lecture 2's figures say what to see, in words too, and mark what they show so that colour isn't needed."""

import matplotlib.pyplot as plt
import pytest
import torch

from course_utils import plots
from course_utils.plots.physical import LOOKS, kind
from tests.course_utils.figure_promises import PROMISES

CLASSES = ("turtle", "stop", "give way", "speed limit 30")
TWO = {"clean": 0.993, "under PGD": 0.0}
ERRORS = {"blur": [0.1, 0.2, 0.5], "fog": [0.0, 0.1, 0.2]}


@pytest.fixture(scope="module")
def images():
    return torch.rand(12, 3, 16, 16, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def says():
    chance = torch.Generator().manual_seed(1)
    return torch.randn(12, len(CLASSES), generator=chance).softmax(1)


def sweep(images, answers, title="Seen from six sides"):
    return plots.viewpoints(
        {"as painted": (images[:6].view(2, 3, 3, 16, 16), answers)},
        truth=0,
        target=1,
        classes=CLASSES,
        yaws=[-40, 0, 40],
        pitches=[20, 0],
        title=title,
    )


@pytest.fixture(scope="module")
def figures(images, says):
    roles = {"truth": 0, "target": 1}
    answers = torch.tensor([[0, 1, 1], [2, 1, 0]])
    poses = (images[:6].view(2, 3, 3, 16, 16), answers)
    three = {"untouched": poses, "attacked from the front only": poses, "EOT": poses}
    sides = {"classes": CLASSES, "yaws": [-40, 0, 40], "pitches": [20, 0]}
    panels = images.view(3, 4, 3, 16, 16)
    words = [["Ann", "Ann with glasses", "Ann, painted glasses", "Bob\ncosine 0.91"]] * 3
    return {
        "models": plots.side_by_side(
            {"as usual": TWO, "with noise": TWO}, title="Two", unit="accuracy", chance=0.1
        ),
        "grid": plots.corruption_grid(
            panels, ["blur", "fog", "rain"], title="Spoilt", right=torch.rand(3, 4) > 0.5
        ),
        "grid with answers": plots.corruption_grid(
            panels, ["blur", "fog", "rain"], title="Spoilt", answers=[["sailing boat"] * 4] * 3
        ),
        "curves": plots.error_curves({"as usual": ERRORS, "noise": ERRORS}, title="Errors"),
        "curves from clean": plots.error_curves(
            {"as usual": ERRORS}, title="Errors", clean={"as usual": 0.01}, columns=1
        ),
        **{
            f"answers {n}": plots.answers(
                images[:n], says[:n], list("abc")[:n], CLASSES, title="What it says", k=3, **roles
            )
            for n in (1, 2, 3)
        },
        "sweep": sweep(images, answers),
        "three sweeps": plots.viewpoints(three, title="Three", **roles, **sides),
        "film": plots.film(
            {"untouched": (images[:6], says[:6]), "stickers": (images[6:], says[6:])},
            [f"{d} m" for d in (30, 25, 20, 15, 10, 5)],
            CLASSES,
            title="Nearer",
            **roles,
        ),
        "faces": plots.impersonation(panels, words, ["a", "b", "c", "d"], title="Whom?"),
        "sticker": plots.patch_and_uses(
            images[0], images[:6], ["mug"] * 6, title="One sticker", frames=[None] * 6
        ),
    }


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
def test_every_figure_of_lecture_2_keeps_what_figures_promise(figures, promise):
    for name, figure in figures.items():
        promise(name, figure)
    assert plt.get_fignums() == []


def test_every_pose_bears_its_verdict_s_colour_and_mark(images):
    answers = torch.tensor([[0, 1, 1], [2, 1, 0]])
    figure = sweep(images, answers)
    poses = [ax for ax in figure.axes if ax.images]
    assert len(poses) == 6
    for ax, answer in zip(poses, answers.flatten().tolist(), strict=True):
        colour, mark = LOOKS[kind(answer, 0, 1)]
        assert ax.spines["left"].get_edgecolor() == pytest.approx(
            plt.matplotlib.colors.to_rgba(colour)
        )
        assert [text.get_text() for text in ax.texts] == [mark]
    assert "correct 2 of 6, target 3 of 6, other 1 of 6" in figure.alt
    assert any("50.0 % read as stop" in text.get_text() for text in figure.texts)


def test_the_three_verdicts_differ_in_colour_and_in_mark():
    colours, marks = zip(*LOOKS.values(), strict=True)
    assert len(set(colours)) == len(set(marks)) == 3
    assert [kind(answer, 2, 5) for answer in (2, 5, 7)] == ["correct", "target", "other"]


def test_bars_stand_side_by_side_as_long_as_what_was_measured():
    figure = plots.side_by_side(
        {"a": TWO, "b": {"clean": 0.5, "under PGD": 0.25}}, title="T", unit="u"
    )
    assert [bar.get_width() for bar in figure.axes[0].patches[:4]] == [0.993, 0.0, 0.5, 0.25]
    assert "b: clean 50.0 %, under PGD 25.0 %" in figure.alt


def test_models_that_measure_other_things_can_t_stand_side_by_side():
    with pytest.raises(ValueError, match=r"'b' measures clean, but the first one clean, under PGD"):
        plots.side_by_side({"a": TWO, "b": {"clean": 1.0}}, title="T", unit="u")


def test_the_grid_frames_what_is_still_named_right(images):
    right = torch.tensor([[True, True, False, False]] * 3)
    figure = plots.corruption_grid(
        images.view(3, 4, 3, 16, 16), ["blur", "fog", "rain"], title="T", right=right
    )
    blue = plt.matplotlib.colors.to_rgba(plots.PALETTE[0])
    frames = [ax.spines["top"].get_edgecolor() == blue for ax in figure.axes]
    assert frames == right.flatten().tolist()
    assert "blur: 1, 2; fog: 1, 2" in figure.alt


def test_an_error_curve_begins_at_the_clean_error_where_it_is_given():
    figure = plots.error_curves({"net": ERRORS}, title="T", clean={"net": 0.01})
    assert list(figure.axes[0].lines[0].get_xdata()) == [0, 1, 2, 3]
    assert list(figure.axes[0].lines[0].get_ydata()) == [0.01, *ERRORS["blur"]]


def test_a_film_writes_the_answer_under_every_frame(figures, says):
    axes = figures["film"].axes
    for ax, p in zip(axes, says, strict=True):
        assert CLASSES[int(p.argmax())] in ax.get_xlabel()


def test_an_odd_number_of_pictures_can_t_stand_in_two_rows(images):
    with pytest.raises(ValueError, match="3 images: give an even number"):
        plots.patch_and_uses(images[0], images[:3], ["a"] * 3, title="T", frames=[None] * 3)
