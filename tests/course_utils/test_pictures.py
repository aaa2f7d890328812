"""Pictures of every kind come out as the same square RGB picture."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from course_utils.data import pictures

# Four quarters of different colour: any turn, mirror or exchange of channels shows.
QUARTERS = np.zeros((64, 64, 3), np.uint8)
QUARTERS[:32, :32] = (220, 30, 30)
QUARTERS[:32, 32:] = (30, 200, 30)
QUARTERS[32:, :32] = (30, 30, 230)
QUARTERS[32:, 32:] = (200, 200, 60)
IMAGE = Image.fromarray(QUARTERS)


def saved(image: Image.Image, kind: str, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def quarters(picture: np.ndarray) -> np.ndarray:
    """The colour at the middle of each quarter, (4, 3)."""
    size = picture.shape[-1]
    near, far = size // 4, 3 * size // 4
    return np.stack(
        [
            picture[:, y, x].astype(int)
            for y, x in ((near, near), (near, far), (far, near), (far, far))
        ]
    )


EXPECTED = quarters(QUARTERS.transpose(2, 0, 1))


@pytest.mark.parametrize(
    ("content", "tolerance"),
    [
        (saved(IMAGE, "PNG"), 0),
        (saved(IMAGE, "JPEG", quality=95), 6),
        (saved(IMAGE.convert("CMYK"), "JPEG", quality=95), 6),
        (saved(IMAGE.convert("P", palette=Image.Palette.ADAPTIVE), "GIF"), 4),
        (saved(IMAGE.convert("RGBA"), "PNG"), 0),
        (saved(IMAGE, "TIFF"), 0),
        (saved(IMAGE, "BMP"), 0),
        (saved(IMAGE, "WEBP", lossless=True), 0),
        (saved(IMAGE, "GIF", save_all=True, append_images=[IMAGE.rotate(90)]), 4),
    ],
    ids=["png", "jpeg", "cmyk", "palette", "rgba", "tiff", "bmp", "webp", "animated"],
)
def test_colours_survive_every_format(content, tolerance):
    picture = pictures.read(content, 32)
    assert picture.shape == (3, 32, 32)
    assert picture.dtype == np.uint8
    assert np.abs(quarters(picture) - EXPECTED).max() <= tolerance


# How a camera held each way stores what is to be seen upright.
STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.mark.parametrize("orientation", STORED)
def test_every_exif_orientation_comes_out_upright(orientation):
    turn = STORED[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = IMAGE if turn is None else IMAGE.transpose(turn)
    picture = pictures.read(saved(stored, "JPEG", quality=95, exif=exif), 32)
    assert np.abs(quarters(picture) - EXPECTED).max() <= 6


def test_grey_becomes_three_equal_channels():
    picture = pictures.read(saved(IMAGE.convert("L"), "PNG"), 32)
    assert (picture[0] == picture[1]).all()
    assert (picture[0] == picture[2]).all()


def test_sixteen_bit_grey_keeps_its_scale():
    ramp = (np.arange(64, dtype=np.uint16) * 1040)[None].repeat(64, 0)
    picture = pictures.read(saved(Image.fromarray(ramp), "PNG"), 64)
    assert np.abs(picture[0, 0].astype(float) - ramp[0] / 257).max() <= 1


def test_transparent_parts_come_out_white():
    clear = IMAGE.convert("RGBA")
    clear.putalpha(0)
    assert pictures.read(saved(clear, "PNG"), 32).min() == 255


def test_a_transparent_palette_entry_comes_out_white():
    palette = Image.new("P", (16, 16), 0)
    palette.putpalette([0, 0, 0, 255, 0, 0])
    assert pictures.read(saved(palette, "GIF", transparency=0), 16).min() == 255


@pytest.mark.parametrize(("width", "height"), [(300, 100), (100, 300), (3, 2), (1, 1)])
def test_the_centre_is_kept_whatever_the_shape(width, height):
    """The middle third, red, between blue ends."""
    wide = np.zeros((height, width, 3), np.uint8)
    wide[..., 2] = 255
    wide[height // 3 : -(height // 3) or None, width // 3 : -(width // 3) or None] = (255, 0, 0)
    picture = pictures.read(saved(Image.fromarray(wide), "PNG"), 32)
    assert picture.shape == (3, 32, 32)
    assert picture[0, 16, 16] > 250


@pytest.mark.parametrize(
    "content", [b"", b"hello", saved(IMAGE, "JPEG")[:400], saved(IMAGE, "PNG")[:90]]
)
def test_what_is_no_picture_or_half_of_one_is_refused(content):
    with pytest.raises(pictures.Unreadable):
        pictures.read(content, 32)


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=200),
    st.sampled_from([b"", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"BM"]),
)
def test_any_bytes_give_a_picture_or_the_one_refusal(content, start):
    try:
        picture = pictures.read(start + content, 16)
    except pictures.Unreadable:
        return
    assert picture.shape == (3, 16, 16)


def test_many_are_read_in_order_and_the_broken_ones_numbered():
    colours = [saved(Image.new("RGB", (9, 9), (n, 0, 0)), "PNG") for n in range(40)]
    colours[7] = b"broken"
    pixels, faults = pictures.read_all(colours, 40, 8, "reading")
    expected = torch.arange(40)
    expected[7] = 0
    assert torch.equal(pixels[:, 0, 0, 0].long(), expected)
    assert list(faults) == [7]


def test_resizing_to_the_same_size_changes_nothing():
    pixels = torch.randint(0, 256, (5, 3, 16, 16), dtype=torch.uint8)
    assert torch.equal(pictures.resized(pixels, 16), pixels)


@given(st.integers(8, 40), st.integers(0, 255))
@settings(max_examples=20, deadline=None)
def test_resizing_keeps_a_flat_colour(size, value):
    pixels = torch.full((3, 3, 20, 20), value, dtype=torch.uint8)
    assert (pictures.resized(pixels, size) == value).all()
