"""ImageNet's networks: their pictures, labels and weights, without a network connection."""

import hashlib

import numpy
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import nn

from course_utils import _torchvision
from course_utils.models import imagenet
from course_utils.models.imagenet import ImagenetModel


class Mean(nn.Module):
    """Its logits are the mean of each channel of what reaches it."""

    def forward(self, x):
        return x.mean(dim=(2, 3))


def model(**options) -> ImagenetModel:
    return ImagenetModel(Mean(), ["red", "green", "blue"], **{"resize": 20, "crop": 16, **options})


def test_normalisation_is_inside_and_the_models_own():
    x = torch.full((2, 3, 16, 16), 0.5)
    own = model(mean=(0.1, 0.2, 0.3), std=(1 / 255, 1, 2))
    assert torch.allclose(own(x), torch.tensor([[0.4 * 255, 0.3, 0.1]] * 2))


def test_normalisation_is_that_of_imagenet_unless_said_otherwise():
    weights = _torchvision.ensure().models.GoogLeNet_Weights.IMAGENET1K_V1.transforms()
    assert tuple(weights.mean) == imagenet.MEAN
    assert tuple(weights.std) == imagenet.STD


def picture(width: int, height: int) -> Image.Image:
    generator = numpy.random.default_rng(0)
    return Image.fromarray(generator.integers(0, 256, (height, width, 3), dtype=numpy.uint8))


@pytest.mark.parametrize("size", [(30, 20), (20, 30), (20, 20), (500, 21), (3, 5)])
@pytest.mark.parametrize("keep_aspect", [True, False])
def test_preprocess_gives_one_square_image_in_0_1(size, keep_aspect):
    x = model(keep_aspect=keep_aspect).preprocess(picture(*size))
    assert x.shape == (1, 3, 16, 16)
    assert x.dtype == torch.float32
    assert 0 <= x.min() <= x.max() <= 1


@pytest.mark.parametrize("size", [(333, 260), (256, 400), (301, 301)])
def test_preprocess_agrees_with_torchvisions_own(size):
    """To the last pixel: the sides rounded down, the middle cut out."""
    weights = _torchvision.ensure().models.GoogLeNet_Weights.IMAGENET1K_V1.transforms()
    weights.mean, weights.std = (0, 0, 0), (1, 1, 1)
    ours = model(resize=256, crop=224).preprocess(picture(*size))
    assert torch.equal(ours, weights(picture(*size))[None])


def test_preprocess_reads_files_of_any_colour_mode_and_turns_them_upright(tmp_path):
    upright = picture(30, 20)
    for mode, name in (("RGBA", "a.png"), ("L", "b.png"), ("P", "c.png"), ("CMYK", "d.jpg")):
        upright.convert(mode).save(tmp_path / name)
        assert model().preprocess(tmp_path / name).shape == (1, 3, 16, 16)
    exif = Image.Exif()
    exif[0x0112] = 8  # held on its side: turn by 90 degrees counter-clockwise to see it upright
    upright.rotate(-90, expand=True).save(tmp_path / "turned.png", exif=exif)
    assert torch.equal(
        model().preprocess(str(tmp_path / "turned.png")), model().preprocess(upright)
    )


def test_what_is_no_picture_is_refused_by_name(tmp_path):
    (tmp_path / "notes.jpg").write_text("no picture")
    with pytest.raises(ValueError, match=r"notes.jpg is not a picture"):
        model().preprocess(tmp_path / "notes.jpg")
    with pytest.raises(FileNotFoundError, match=r"gone.jpg"):
        model().preprocess(tmp_path / "gone.jpg")


def random_weights(tmp_path, name, ending, half=False):
    network = getattr(_torchvision.ensure().models, name)(weights=None)
    state = {
        key: value.half() if half and value.is_floating_point() else value
        for key, value in network.state_dict().items()
    }
    path = tmp_path / f"{name}{ending}"
    save_file(state, path) if ending == ".safetensors" else torch.save(state, path)
    return network.eval(), path


@pytest.mark.parametrize("ending", [".safetensors", ".pth"])
def test_weights_come_from_a_local_file_of_either_kind(tmp_path, ending):
    network, path = random_weights(tmp_path, "squeezenet1_0", ending)
    loaded = imagenet.squeezenet1_0(path, mean=(0, 0, 0), std=(1, 1, 1))
    assert not loaded.training
    assert len(loaded.classes) == 1000
    assert loaded.classes[388] == "giant panda"
    x = torch.rand(1, 3, 64, 64)
    torch.testing.assert_close(loaded(x), network(x))


def test_half_precision_weights_are_used_in_single_precision(tmp_path):
    _, path = random_weights(tmp_path, "squeezenet1_0", ".safetensors", half=True)
    assert imagenet.squeezenet1_0(path)(torch.rand(1, 3, 64, 64)).dtype == torch.float32


def test_a_file_of_another_network_or_a_damaged_one_is_refused_by_name(tmp_path):
    _, path = random_weights(tmp_path, "squeezenet1_0", ".pth")
    with pytest.raises(ValueError, match=r"squeezenet1_0.pth holds no weights of resnet50"):
        imagenet.resnet50(path)
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(ValueError, match="delete it to have it downloaded again"):
        imagenet.squeezenet1_0(path)
    with pytest.raises(FileNotFoundError, match="no weights file"):
        imagenet.squeezenet1_0(tmp_path / "gone.pth")


def test_googlenet_is_the_published_one(tmp_path, monkeypatch):
    """The address, the checksum in its name, side classifiers dropped, torchvision's own constants."""
    models = _torchvision.ensure().models
    full = models.googlenet(weights=None, aux_logits=True, transform_input=True, init_weights=False)
    asked = {}

    def fetch(url, path, sha256=None, **options):
        asked.update(url=url, path=path, sha256=sha256)
        path.parent.mkdir(parents=True)
        torch.save(full.state_dict(), path)
        return path

    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    monkeypatch.setattr("course_utils.data.download.fetch", fetch)
    ours = imagenet.googlenet()
    assert asked["url"] == models.GoogLeNet_Weights.IMAGENET1K_V1.url
    assert asked["sha256"] == "1378be20"
    assert asked["path"].is_relative_to(tmp_path)
    x = torch.rand(2, 3, 64, 64)
    normalised = (x - torch.tensor(imagenet.MEAN).view(3, 1, 1)) / torch.tensor(imagenet.STD).view(
        3, 1, 1
    )
    with torch.no_grad():
        torch.testing.assert_close(ours(x), full.eval()(normalised))


def test_without_a_network_the_message_names_the_file_and_its_place(tmp_path, monkeypatch):
    """The address is one where nothing listens."""
    from course_utils.data.download import DownloadError, fetch

    def unreachable(url, path, **options):
        return fetch("http://127.0.0.1:9/" + url.rsplit("/", 1)[1], path, retries=1, **options)

    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    monkeypatch.setattr("course_utils.data.download.fetch", unreachable)
    with pytest.raises(DownloadError) as refused:
        imagenet.resnet50()
    assert "resnet50-0676ba61.pth" in str(refused.value)
    assert str(tmp_path) in str(refused.value)


def test_weights_that_are_there_are_not_asked_for_again(tmp_path, monkeypatch):
    """A file put into the cache by hand is checked by the digits in its name and used."""
    _, path = random_weights(tmp_path, "squeezenet1_0", ".pth")
    digits = hashlib.sha256(path.read_bytes()).hexdigest()[:8]
    placed = tmp_path / "weights" / f"squeezenet1_0-{digits}.pth"
    placed.parent.mkdir()
    path.rename(placed)
    weights = _torchvision.ensure().models.SqueezeNet1_0_Weights.IMAGENET1K_V1
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    # An enum's members are read-only; its value (a dataclass) can be swapped underneath.
    monkeypatch.setattr(weights, "_value_", type(weights.value)(
        url=f"http://127.0.0.1:9/{placed.name}", transforms=weights.value.transforms, meta=weights.value.meta
    ))  # fmt: skip
    assert len(imagenet.squeezenet1_0().classes) == 1000
