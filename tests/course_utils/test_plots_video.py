"""Films play, say what they show, and keep to the pixels that they were given."""

import base64
import io
import re
import subprocess
import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from PIL import Image

from course_utils import plots
from course_utils.plots.video import _luma
from course_utils.selfsup.colouring import to_grey
from tests.course_utils.figure_promises import PROMISES

TITLE = "A grey clip takes its colours from its first frame"


@pytest.fixture(scope="module")
def versions():
    chance = torch.Generator().manual_seed(0)
    return {
        name: torch.rand(4, 3, 48, 48, generator=chance) for name in ("grey", "network", "truth")
    }


@pytest.fixture(scope="module")
def clip(versions):
    return versions["truth"]


@pytest.fixture(scope="module")
def weights():
    weights = torch.zeros(24, 24)
    weights[5, 9], weights[5, 10] = 0.75, 0.25
    return weights


@pytest.fixture(scope="module")
def figures(versions, clip, weights):
    return {
        "frames": plots.frames(versions, title=TITLE),
        "every other frame": plots.frames(versions, title=TITLE, every=2),
        "one clip": plots.frames({"truth": clip}, title=TITLE),
        "moment": plots.moment(versions, 2, title=TITLE),
        "stage of a film": plots.movie(versions, title=TITLE).picture,
        "attention": plots.attention_map(clip[0], clip[3], weights, (47, 0), title=TITLE),
    }


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
def test_every_figure_of_clips_keeps_what_figures_promise(figures, promise):
    for name, figure in figures.items():
        promise(name, figure)
    assert plt.get_fignums() == []


@pytest.fixture(scope="module")
def gif(versions):
    return Image.open(io.BytesIO(plots.movie(versions, title=TITLE, milliseconds=200).gif()))


def moment(gif, t):
    gif.seek(t)
    return torch.from_numpy(np.array(gif.convert("RGB"))).float()  # (height, width, 3)


def test_a_film_has_every_frame_and_repeats_without_end(gif, versions):
    assert gif.n_frames == 4
    assert gif.info["loop"] == 0
    durations = []
    for t in range(4):
        gif.seek(t)
        durations.append(gif.info["duration"])
    assert durations == [200, 200, 200, 800]


def test_a_film_enlarges_every_pixel_by_a_whole_number_and_shows_it_in_its_frame(gif, versions):
    scale = 6
    for t in (3, 0):
        shown = moment(gif, t)
        for index, clip in enumerate(versions.values()):
            left = 20 + index * (48 * scale + 20)
            panel = shown[70 : 70 + 48 * scale, left : left + 48 * scale] / 255
            blocks = panel.unflatten(0, (48, scale)).unflatten(2, (48, scale))  # 48, s, 48, s, 3
            assert (blocks - blocks[:, :1, :, :1]).abs().max() == 0
            # 256 colours for three clips of noise: roughly right, and unlike any other frame.
            errors = [
                (blocks[:, 0, :, 0] - other.permute(1, 2, 0)).square().mean() for other in clip
            ]
            assert errors[t] == min(errors)
            assert errors[t] < 0.01


def test_a_film_stands_on_white_paper(gif):
    for t in range(4):
        assert moment(gif, t)[0, 0].tolist() == [255, 255, 255]


def test_a_film_goes_into_a_notebook_as_one_image_with_words(versions):
    bundle = plots.movie(versions, title=TITLE)._repr_mimebundle_()
    tags = re.findall(r"<img [^>]*>", bundle["text/html"])
    assert len(tags) == 1
    for words in (TITLE, "4 frames", "network", "max-width:100%", "background:#FFFFFF"):
        assert words in tags[0]
    data = re.search(r'src="data:image/gif;base64,([^"]+)"', tags[0])[1]
    assert base64.b64decode(data)[:6] == b"GIF89a"
    assert bundle["text/plain"].startswith("[film] ")


def test_a_film_can_be_stopped_and_stands_still_for_who_wants_no_motion(versions):
    shown = plots.movie(versions, title=TITLE).html()
    assert shown.startswith("<details open><summary>A film. Close this line to stop it</summary>")
    source = re.search(r"<source ([^>]*)>", shown)[1]
    assert 'media="(prefers-reduced-motion: reduce)"' in source
    still = Image.open(io.BytesIO(base64.b64decode(re.search(r"base64,([^\"]+)", source)[1])))
    film = Image.open(io.BytesIO(plots.movie(versions, title=TITLE).gif()))
    shown_last = np.array(still.convert("RGB"), int)
    apart = []
    for t in range(film.n_frames):
        film.seek(t)
        apart.append(np.abs(shown_last - np.array(film.convert("RGB"))).mean())
    assert still.format == "PNG"
    assert int(np.argmin(apart)) == film.n_frames - 1


def test_a_film_can_be_folded_away(versions):
    assert "data:image/gif" in plots.folded(plots.movie(versions, title=TITLE), "Play").data


def test_frames_stand_in_order_and_are_numbered_from_one(figures, versions):
    figure = figures["every other frame"]
    assert [ax.get_title() for ax in figure.axes] == ["frame 1", "frame 3", "", "", "", ""]
    assert [ax.get_ylabel() for ax in figure.axes[::2]] == list(versions)
    shown = torch.from_numpy(figure.axes[3].images[0].get_array().data)
    torch.testing.assert_close(shown, versions["network"][2].permute(1, 2, 0))


def test_a_moment_shows_the_frame_that_it_names(figures, versions):
    figure = figures["moment"]
    assert figure.axes[0].get_xlabel() == "frame 3 of 4"
    shown = torch.from_numpy(figure.axes[2].images[0].get_array().data)
    torch.testing.assert_close(shown, versions["truth"][2].permute(1, 2, 0))


@pytest.mark.parametrize(
    "wrong",
    [{}, {"a": torch.rand(3, 3, 8, 8), "b": torch.rand(2, 3, 8, 8)}],
    ids=["none", "unequal"],
)
@pytest.mark.parametrize("draw", [plots.frames, plots.movie], ids=["frames", "movie"])
def test_clips_that_do_not_go_together_are_refused(draw, wrong):
    with pytest.raises(ValueError, match="as many frames of one size, got"):
        draw(wrong, title=TITLE)


def test_no_frame_is_refused(versions):
    with pytest.raises(ValueError, match="every must be at least 1, got 0"):
        plots.frames(versions, title=TITLE, every=0)


def test_the_attention_figure_shows_the_colour_that_the_pixel_fetches(clip, weights):
    first, target = clip[0], clip[3]
    figure = plots.attention_map(first, target, weights, (30, 12), title=TITLE)
    squares = [first[:, 10:12, c : c + 2] for c in (18, 20)]
    chroma = [(s - to_grey(s[None])[0]).mean(dim=(1, 2)) for s in squares]
    own = to_grey(target[None])[0, :, 30, 12]
    expected = (own + 0.75 * chroma[0] + 0.25 * chroma[1]).clamp(0, 1)
    swatches = {ax.get_title(): ax.images[0].get_array()[0, 0] for ax in figure.axes[3:]}
    assert swatches["fetched"].tolist() == pytest.approx(expected.tolist(), abs=1e-5)
    assert swatches["true"].tolist() == pytest.approx(target[:, 30, 12].tolist())


def test_the_attention_figure_marks_pixel_and_place_and_says_them(clip, weights):
    figure = plots.attention_map(clip[0], clip[3], weights, (30, 12), title=TITLE)
    boxes = [ax.patches[-1].get_bbox() for ax in figure.axes[:3]]
    centres = [((b.y0 + b.y1) / 2, (b.x0 + b.x1) / 2) for b in boxes]
    assert centres[0] == (30, 12)
    assert centres[1] == centres[2] == (11, 19)
    assert "row 30, column 12" in figure.alt
    assert "row 11, column 19" in figure.alt


def test_where_nothing_is_looked_at_the_picture_is_dark(clip, weights):
    figure = plots.attention_map(clip[0], clip[3], weights, (30, 12), title=TITLE)
    lit = torch.from_numpy(figure.axes[2].images[0].get_array().data).permute(2, 0, 1)
    torch.testing.assert_close(lit[:, 30:], 0.12 * clip[0][:, 30:])
    assert (lit[:, 10:12, 18:20] > 0.5 * clip[0][:, 10:12, 18:20]).all()


def test_the_figures_grey_is_the_courses(clip):
    torch.testing.assert_close(_luma(clip[0])[:1], to_grey(clip[:1])[0])


def test_films_play_where_the_self_supervised_room_is_withheld():
    code = (
        "import sys; sys.modules['course_utils.selfsup'] = None\n"
        "import torch\n"
        "from course_utils import plots, widgets\n"
        "clips = {'a clip': torch.rand(2, 3, 8, 8)}\n"
        "plots.frames(clips, title='Frames').html()\n"
        "widgets.player(clips, title='A film').html()\n"
        "plots.attention_map(*torch.rand(2, 3, 8, 8), torch.rand(4, 4), (0, 0), title='A look').html()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
