"""A video of one's own: the frames that were filmed, square, at the moments asked for, and plain words otherwise."""

from __future__ import annotations

import subprocess
from importlib.util import find_spec

import numpy as np
import pytest
import torch
from PIL import Image

from course_utils.data import video
from course_utils.data.errors import DatasetError


def film(number, height=40, width=60):
    """Red rises from frame to frame; the upper half is green, the left quarter and the right one blue."""
    pixels = np.zeros((number, height, width, 3), np.uint8)
    pixels[..., 0] = (np.arange(number) * 250 // max(1, number - 1))[:, None, None]
    pixels[:, : height // 2, :, 1] = 200
    pixels[:, :, : width // 4, 2] = 255
    pixels[:, :, -(width // 4) :, 2] = 255
    return pixels


def red(frames):
    """The frame that each one is, by its red: (T,) in [0, 1]."""
    return frames[:, 0, 2:-2, 2:-2].mean((1, 2))


def write_animation(path, pixels, milliseconds: int | list[int] = 100):
    first, *others = [Image.fromarray(frame) for frame in pixels]
    lossless = {"lossless": True} if path.suffix == ".webp" else {}
    first.save(path, save_all=True, append_images=others, duration=milliseconds, loop=0, **lossless)
    return path


def write_mp4(path, pixels, rate=10, **how):
    imageio = pytest.importorskip("imageio.v2")
    pytest.importorskip("imageio_ffmpeg")
    options = {
        "macro_block_size": 1,
        "pixelformat": "yuv444p",
    } | how  # any size, colours not halved
    with imageio.get_writer(path, format="FFMPEG", fps=rate, **options) as file:
        for frame in pixels:
            file.append_data(frame)
    return path


@pytest.fixture(params=[modules[-1] for modules, _ in video._READERS])
def reader(request, monkeypatch):
    """Each reader of videos alone, where it is installed."""
    modules, read = next(pair for pair in video._READERS if pair[0][-1] == request.param)
    if any(find_spec(module) is None for module in modules):
        pytest.skip(f"{request.param} is not installed")
    monkeypatch.setattr(video, "_READERS", ((modules, read),))


@pytest.mark.parametrize("ending", ["gif", "webp", "png"])
def test_an_animation_gives_its_frames_in_order(tmp_path, ending):
    path = write_animation(tmp_path / f"a.{ending}", film(9))
    frames = video.read(path, frames=9, size=24)
    assert frames.shape == (9, 3, 24, 24)
    assert frames.dtype == torch.float32
    assert 0 <= frames.min() <= frames.max() <= 1
    assert red(frames) == pytest.approx(np.linspace(0, 250 / 255, 9), abs=0.02)


def test_the_square_in_the_middle_is_kept(tmp_path):
    frame = video.read(write_animation(tmp_path / "a.gif", film(2, 40, 80)), frames=2, size=20)[0]
    assert (frame[2, :, 1:-1] < 0.05).all()  # the blue sides are cut off
    assert (frame[1, :9] - 200 / 255).abs().max() < 0.03
    assert (frame[1, 11:] < 0.03).all()


def test_fewer_frames_are_evenly_spaced_from_the_first_to_the_last(tmp_path):
    path = write_animation(tmp_path / "a.gif", film(21))
    assert red(video.read(path, frames=5, size=16)) == pytest.approx(
        np.array([0, 62, 125, 187, 250]) / 255, abs=0.02
    )
    assert red(video.read(path, frames=1, size=16)) == pytest.approx([0], abs=0.02)


def test_spacing_is_in_time_where_frames_are_shown_for_different_times(tmp_path):
    path = write_animation(tmp_path / "a.gif", film(5), [600, 100, 100, 100, 100])
    shown = red(video.read(path, frames=4, size=16))  # at 0, 0.3, 0.6 and 0.9 seconds
    assert shown == pytest.approx(np.array([0, 0, 62, 250]) / 255, abs=0.02)


def test_a_part_begins_and_ends_at_the_second_asked_for(tmp_path):
    path = write_animation(tmp_path / "a.gif", film(11))
    part = video.read(path, frames=3, size=16, first=0.4, seconds=0.3)
    assert red(part) == pytest.approx(np.array([100, 125, 150]) / 255, abs=0.02)
    assert red(video.read(path, frames=2, size=16, first=0.8)) == pytest.approx(
        np.array([200, 250]) / 255, abs=0.02
    )


def test_a_long_film_keeps_few_frames_in_memory_and_its_spacing(tmp_path, monkeypatch):
    path = write_animation(tmp_path / "a.gif", film(120, 16, 16), 20)
    longest = []
    spaced = video._spaced
    monkeypatch.setattr(
        video, "_spaced", lambda kept, n: longest.append(len(kept)) or spaced(kept, n)
    )
    frames = video.read(path, frames=3, size=8)
    assert longest[0] <= 3 * video._SPARE
    assert red(frames) == pytest.approx([0, 0.49, 0.98], abs=0.04)


def test_what_is_transparent_comes_out_white(tmp_path):
    clear = [
        Image.new("RGBA", (20, 20), (255, 0, 0, 0)),
        Image.new("RGBA", (20, 20), (255, 0, 0, 255)),
    ]
    clear[0].save(tmp_path / "a.png", save_all=True, append_images=clear[1:], duration=100)
    frames = video.read(tmp_path / "a.png", frames=2, size=8)
    assert (frames[0] == 1).all()
    assert frames[1, :, 4, 4].tolist() == [1, 0, 0]


def test_an_animation_under_another_name_is_read_all_the_same(tmp_path):
    write_animation(tmp_path / "a.gif", film(4)).rename(tmp_path / "a.mp4")
    assert len(video.read(tmp_path / "a.mp4", frames=4)) == 4


@pytest.mark.parametrize(("height", "width"), [(37, 51), (64, 36), (36, 64)])
def test_every_reader_gives_the_frames_of_a_film_of_any_format(tmp_path, reader, height, width):
    path = write_mp4(tmp_path / "a.mp4", film(12, height, width))
    frames = video.read(path, frames=12, size=24)
    assert frames.shape == (12, 3, 24, 24)
    assert red(frames) == pytest.approx(np.linspace(0, 250 / 255, 12), abs=0.04)
    assert (frames[:, 1, 2:9, 6:-6] > 0.7).all()
    assert (frames[:, 1, 15:-2, 6:-6] < 0.1).all()
    part = video.read(path, frames=2, size=24, first=0.5, seconds=0.2)
    assert red(part) == pytest.approx(np.array([113, 136]) / 255, abs=0.04)


def test_every_reader_holds_a_film_upright_as_it_was_filmed(tmp_path, reader):
    lying = write_mp4(tmp_path / "lying.mp4", film(4, 36, 64))
    turned = tmp_path / "turned.mp4"
    ffmpeg = pytest.importorskip("imageio_ffmpeg").get_ffmpeg_exe()
    copy = ["-loglevel", "error", "-display_rotation", "90", "-i", lying, "-c", "copy", turned]
    subprocess.run([ffmpeg, *copy], check=True, stdin=subprocess.DEVNULL)
    frame = video.read(turned, frames=4, size=16)[0]
    assert (frame[1, 3:-3, 1:7] > 0.7).all()  # what was above is now at the left
    assert (frame[1, 3:-3, 9:-1] < 0.1).all()


def test_no_video_under_a_videos_name_is_said_so(tmp_path, reader):
    (tmp_path / "a.mp4").write_text("no film at all\n" * 100)
    with pytest.raises(DatasetError, match=r"a\.mp4 can't be read as a video \(.+\): give an MP4"):
        video.read(tmp_path / "a.mp4")


def test_a_broken_animation_is_said_so(tmp_path):
    whole = write_animation(tmp_path / "a.gif", film(20)).read_bytes()
    (tmp_path / "a.gif").write_bytes(whole[:60])
    with pytest.raises(DatasetError, match=r"a\.gif can't be read as a video|a single picture"):
        video.read(tmp_path / "a.gif")


def test_without_a_reader_the_way_to_one_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(video, "find_spec", lambda module: None)
    (tmp_path / "a.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + bytes(100))
    with pytest.raises(DatasetError, match=r'a\.mp4.*pip install "imageio\[ffmpeg\]".*GIF'):
        video.read(tmp_path / "a.mp4")
    assert len(video.read(write_animation(tmp_path / "a.gif", film(3)), frames=3)) == 3


def test_imageio_without_ffmpeg_is_no_reader(monkeypatch):
    monkeypatch.setattr(
        video, "find_spec", lambda module: object() if module == "imageio" else None
    )
    with pytest.raises(DatasetError, match="no reader of videos is installed"):
        video._installed(video.Path("a.mp4"))


@pytest.mark.parametrize("ending", ["gif", "mp4"])
def test_a_single_picture_is_no_video(tmp_path, ending):
    write = write_animation if ending == "gif" else write_mp4
    path = write(tmp_path / f"a.{ending}", film(1))
    with pytest.raises(DatasetError, match=rf"a\.{ending} is a single picture, no video"):
        video.read(path)
    assert video.read(path, frames=1).shape == (1, 3, 48, 48)


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    with pytest.raises(
        DatasetError, match=r"there is no file .*films/a\.mp4 .*has no 'films' in it"
    ):
        video.read(tmp_path / "films" / "a.mp4")
    with pytest.raises(DatasetError, match="is a folder; name the video"):
        video.read(tmp_path)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"frames": 5}, "has 4 frames, but frames = 5: ask for frames=4"),
        (
            {"frames": 3, "first": 0.2},
            "has 2 frames in the part asked for, but frames = 3: ask for frames=2",
        ),
        ({"first": 7}, r"first = 7, but the last frame of a\.gif is shown at 0\.3 seconds"),
        ({"first": 0.25, "seconds": 0.01}, "has 0 frames in the part asked for.*another part"),
        ({"first": -1}, "first = -1 must be a number of seconds"),
        ({"first": float("nan")}, "first = nan"),
        ({"seconds": 0}, "seconds = 0 leaves nothing"),
        ({"seconds": "2"}, "seconds = '2' must be"),
        ({"frames": 0}, "frames = 0 must be a whole number from 1"),
        ({"size": 4}, "size = 4 must be a whole number"),
    ],
)
def test_what_cannot_be_had_is_named(tmp_path, asked, says):
    path = write_animation(tmp_path / "a.gif", film(4))
    with pytest.raises(DatasetError, match=says):
        video.read(path, **asked)
