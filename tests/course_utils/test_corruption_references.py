"""The corruptions' numbers against slow ones: scipy's filters, Pillow's JPEG, colorsys, plain loops."""

import colorsys
import io
import math

import numpy as np
import pytest
import torch
from PIL import Image, ImageEnhance

from course_utils.data.world import world
from course_utils.robustness import corrupt
from course_utils.robustness.corruptions import blur, colour, digital, draws, noise, weather
from course_utils.robustness.corruptions.jpeg import jpeg

ndimage = pytest.importorskip("scipy.ndimage")

X = world(6, seed=3, size=48).images.double()
SMALL = X[:2, :, 10:22, 8:21]  # 12 x 13 pixels, for loops in Python


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def each_plane(x, function):
    planes = [[function(plane.numpy()) for plane in image] for image in x]
    return torch.from_numpy(np.array(planes))


def close(ours, reference, atol=1e-10):
    torch.testing.assert_close(ours, reference, atol=atol, rtol=0)


# Noise


def test_gaussian_noise_has_the_standard_deviation_asked_for():
    x = torch.full((40, 3, 32, 32), 0.5, dtype=torch.float64)
    added = noise.gaussian_noise(x, 0.07, seeded()) - x
    assert abs(float(added.mean())) < 0.07 * 4 / math.sqrt(x.numel())
    assert float(added.std()) == pytest.approx(0.07, rel=0.01)


def test_shot_noise_counts_particles():
    """Whole counts, whose mean and variance are the same number."""
    x = torch.full((40, 3, 32, 32), 0.3, dtype=torch.float64)
    counts = noise.shot_noise(x, 50, seeded()) * 50
    close(counts, counts.round())
    assert float(counts.mean()) == pytest.approx(15, rel=0.01)
    assert float(counts.var()) == pytest.approx(15, rel=0.03)


def test_impulse_noise_replaces_its_fraction_half_by_black_and_half_by_white():
    x = torch.full((40, 3, 32, 32), 0.3, dtype=torch.float64)
    spoilt = noise.impulse_noise(x, 0.1, seeded())
    assert float((spoilt == 0).double().mean()) == pytest.approx(0.05, rel=0.05)
    assert float((spoilt == 1).double().mean()) == pytest.approx(0.05, rel=0.05)
    assert float((spoilt == 0.3).double().mean()) == pytest.approx(0.9, rel=0.01)


# Blur


def test_defocus_is_scipys_convolution_with_a_disc():
    kernel = blur.disc(2.3, X)[0]
    area = math.pi * 2.3**2
    close(kernel.sum(), torch.tensor(1.0, dtype=torch.float64))
    assert float(kernel.max()) == pytest.approx(1 / area, rel=0.05)
    reference = each_plane(X, lambda plane: ndimage.convolve(plane, kernel.numpy(), mode="mirror"))
    close(blur.defocus_blur(X, (2.3 - 0.5) / 48, None), reference)


def test_motion_is_scipys_convolution_with_each_pictures_own_streak():
    angle = torch.tensor([0.0, 0.4, math.pi / 2, 2.0, 3.0, 1.1], dtype=torch.float64)
    kernels = blur.streak(7.0, angle)
    ours = blur.convolve(X, kernels)
    for image, kernel, result in zip(X, kernels.numpy(), ours, strict=True):
        for plane, got in zip(image.numpy(), result, strict=True):
            close(got, torch.from_numpy(ndimage.convolve(plane, kernel, mode="mirror")))


def test_a_streak_lies_along_its_angle():
    across, up, rising = blur.streak(
        6.0, torch.tensor([0, math.pi / 2, math.pi / 4], dtype=torch.float64)
    )
    assert torch.equal(across.sum(1).nonzero(), torch.tensor([[3]]))  # one row
    close(up, across.T.flip(0), atol=1e-7)
    assert float(rising[0, -1] + rising[1, -2]) > 0  # counter-clockwise as seen: y runs down
    assert float(rising[0, 0] + rising[1, 1]) == 0
    # As long as asked for: the standard deviation of a uniform line is its length / sqrt(12).
    place = torch.arange(-3, 4, dtype=torch.float64)
    spread = float((across.sum(0) * place**2).sum().sqrt())
    assert spread == pytest.approx(6 / math.sqrt(12), rel=0.1)


def test_zoom_is_the_mean_of_scipys_magnifications():
    def zoomed(plane, zoom):
        middle = (np.array(plane.shape) - 1) / 2
        return ndimage.affine_transform(
            plane, np.eye(2) / zoom, offset=middle - middle / zoom, order=1, mode="nearest"
        )

    steps = [1 + 0.3 * k / blur.ZOOM_STEPS for k in range(blur.ZOOM_STEPS + 1)]
    reference = each_plane(X, lambda plane: np.mean([zoomed(plane, z) for z in steps], axis=0))
    close(blur.zoom_blur(X, 0.3, None), reference)


@pytest.mark.parametrize("shape", [(48, 48), (30, 41)])
def test_shifted_pixels_are_scipys_map_coordinates(shape):
    x = X[:, :, : shape[0], : shape[1]]
    shift = 3 * draws.normal((len(x), 2, *shape), x, seeded())
    ours = blur.displaced(x, shift)
    rows, columns = np.meshgrid(*(np.arange(length) for length in shape), indexing="ij")
    for image, (across, down), result in zip(x, shift.numpy(), ours, strict=True):
        for plane, got in zip(image.numpy(), result, strict=True):
            at = [rows + down, columns + across]
            # Pixels mirrored about the picture's edge, not about the last pixel's centre.
            reference = ndimage.map_coordinates(plane, at, order=1, mode="reflect")
            close(got, torch.from_numpy(reference), atol=1e-9)


def test_glass_shows_what_is_within_reach():
    """A picture whose values tell where they come from."""
    place = torch.arange(48, dtype=torch.float64).expand(1, 3, 48, 48) / 47
    shown = 47 * blur.glass_blur(place, 0.05, seeded())
    moved = (shown - 47 * place).abs()[..., 3:-3]
    assert 0.9 * 0.05 * 48 < float(moved.max()) <= 0.05 * 48 + 1e-9


# Weather


def test_fog_takes_light_away_with_the_distance_and_gives_the_skys():
    thickness = 0.4 + 1.2 * draws.clouds(X, seeded())
    reference = torch.empty_like(X)
    for index in np.ndindex(*X.shape):
        t = math.exp(-0.7 * float(thickness[index[0], 0, index[2], index[3]]))
        reference[index] = float(X[index]) * t + 0.9 * (1 - t)
    close(weather.fog(X, 0.7, seeded()), reference)


def test_clouds_are_smooth_drift_about_a_half_and_fill_the_range():
    clouds = draws.clouds(torch.empty(200, 3, 48, 48), seeded())
    assert float(clouds.mean()) == pytest.approx(0.5, abs=0.03)
    assert float(clouds.std()) > 0.2
    step = (clouds[..., 1:] - clouds[..., :-1]).abs()
    assert float(step.mean()) < 0.25 * float(clouds.std())


def test_smooth_noise_has_unit_variance_everywhere():
    field = draws.smooth(5, 2, torch.empty(4000, 3, 17, 17), seeded())
    torch.testing.assert_close(field.std(dim=0), torch.ones(2, 17, 17), atol=0.06, rtol=0)


def test_snow_whitens_and_frost_is_worst_at_the_rim():
    grey = torch.full((50, 3, 48, 48), 0.4)
    assert float((weather.snow(grey, 0.5, seeded()) - grey).min()) >= -1e-6
    frozen = (weather.frost(grey, 0.8, seeded()) - grey).abs().mean(dim=(0, 1))
    assert float(frozen[[0, -1]].mean()) > 1.5 * float(frozen[20:28, 20:28].mean())


# Colours


def per_pixel(x, change):
    """colorsys on one pixel after the other; change(h, s, v) -> h, s, v."""
    result = torch.empty_like(x)
    for n, i, j in np.ndindex(len(x), *x.shape[-2:]):
        h, s, v = change(*colorsys.rgb_to_hsv(*x[n, :, i, j].tolist()))
        result[n, :, i, j] = torch.tensor(colorsys.hsv_to_rgb(h, s, v), dtype=x.dtype)
    return result


COLOURS = torch.cat([SMALL, torch.zeros(2, 3, 12, 1), torch.ones(2, 3, 12, 1)], dim=3).double()


def test_brightness_raises_the_value_alone():
    reference = per_pixel(COLOURS, lambda h, s, v: (h, s, min(1, v + 0.3)))
    close(weather.brightness(COLOURS, 0.3, None), reference)


@pytest.mark.parametrize("factor", [0.0, 0.5, 2.0, 10.0])
def test_saturate_multiplies_the_saturation_alone(factor):
    reference = per_pixel(COLOURS, lambda h, s, v: (h, min(1, factor * s), v))
    close(digital.saturate(COLOURS, factor, None), reference)
    saturation = colour.saturation_of(COLOURS)
    assert 0 <= float(saturation.min()) <= float(saturation.max()) <= 1


def test_contrast_is_numpys_about_each_channels_mean():
    reference = each_plane(X, lambda plane: plane.mean() + 0.3 * (plane - plane.mean()))
    close(digital.contrast(X, 0.3, None), reference)


def test_on_a_grey_picture_contrast_is_pillows():
    grey = (255 * X[0].mean(0)).round().byte()
    pillow = ImageEnhance.Contrast(Image.fromarray(grey.numpy())).enhance(0.4)
    ours = 255 * digital.contrast(grey[None, None].double() / 255, 0.4, None)[0, 0]
    close(ours, torch.from_numpy(np.array(pillow)).double(), atol=1.5)  # it rounds down, twice


# Storing


@pytest.mark.parametrize("block", [2, 3, 4])
def test_pixelate_is_pillows_box_where_blocks_are_whole_pixels(block):
    def shrunk(plane):
        small = Image.fromarray(plane.astype(np.float32)).resize((48 // block,) * 2, Image.BOX)
        return np.array(small.resize((48, 48), Image.NEAREST))

    close(digital.pixelate(X, (block - 1) / 48, None).float(), each_plane(X, shrunk), atol=1e-6)


def test_pixelate_averages_whatever_the_blocks_size():
    close(digital._blocks(48, 2.7, X).sum(1), torch.ones(48, dtype=torch.float64))
    close(digital._blocks(48, 2.7, X).sum(0), torch.ones(48, dtype=torch.float64))


def pillow_jpeg(image, quality):
    file = io.BytesIO()
    pixels = (255 * image).round().byte().permute(1, 2, 0).numpy()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    return torch.from_numpy(np.array(Image.open(file))).permute(2, 0, 1).double()


@pytest.mark.parametrize("quality", [90, 45, 25, 10, 6])
@pytest.mark.parametrize("side", [48, 37])
def test_jpeg_is_pillows_but_for_roundings(quality, side):
    """Within a grey level on average; a wave that lies between two steps may be rounded the other way."""
    x = X[..., :side, :side]
    theirs = torch.stack([pillow_jpeg(image, quality) for image in x])
    difference = (255 * jpeg(x, quality, None) - theirs).abs()
    lost = (255 * x - theirs).abs()
    assert float(difference.mean()) < min(1.0, 0.5 * float(lost.mean()))
    assert float((difference > 3).double().mean()) < 0.06


def test_jpeg_keeps_an_even_surface():
    """One colour is one wave, so what is lost is the rounding to a step of that wave."""
    even = torch.full((1, 3, 32, 32), 0.5, dtype=torch.float64)
    assert float((corrupt(even, "jpeg", 5) - even).abs().max()) < 16 / 255
