"""Networks trained on ImageNet: torchvision's architectures, labels and published weights.

They take images in [0, 1] like every model of the course; `preprocess` makes one from a photograph.
Szegedy et al.: Going deeper with convolutions (GoogLeNet), arXiv 1409.4842; He et al.: Deep residual
learning (ResNet), arXiv 1512.03385; Iandola et al.: SqueezeNet, arXiv 1602.07360.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from .encoder import Normalise

if TYPE_CHECKING:
    from PIL.Image import Image

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


class ImagenetModel(nn.Module):
    """A network with its normalisation, its labels and its way of cutting a photograph.

    Args:
        network: normalised images (N, 3, H, W) -> logits (N, C).
        classes: the C labels.
        mean, std: of red, green and blue in [0, 1], as the network was trained with.
        resize: the short side of a photograph is scaled to this many pixels …
        crop: … and the middle of it, crop x crop, is what the network sees.
        keep_aspect: False where the network was trained on photographs squeezed to resize x resize.
    """

    def __init__(
        self,
        network: nn.Module,
        classes: Sequence[str],
        *,
        mean: Sequence[float] = MEAN,
        std: Sequence[float] = STD,
        resize: int = 256,
        crop: int = 224,
        keep_aspect: bool = True,
    ) -> None:
        super().__init__()
        self.normalise = Normalise(mean, std)
        self.network = network
        self.classes = tuple(classes)
        self.resize = resize
        self.crop = crop
        self.keep_aspect = keep_aspect

    def forward(self, x: Tensor) -> Tensor:
        """(N, 3, H, W) in [0, 1] -> logits (N, C)."""
        return self.network(self.normalise(x))

    def preprocess(self, picture: str | Path | Image) -> Tensor:
        """A photograph (a file or a PIL image) -> (1, 3, crop, crop) float32 in [0, 1], on the model's device.

        Raises:
            FileNotFoundError: no such file.
            ValueError: the file is not a picture.
        """
        import numpy

        from ..data.pictures import middle

        image = _upright(picture)
        image = middle(image, self.resize, self.crop, keep_aspect=self.keep_aspect)
        pixels = torch.from_numpy(numpy.array(image)).permute(2, 0, 1)[None]  # (1, 3, crop, crop)
        return pixels.to(self.normalise.mean.device).float() / 255


def _upright(picture: str | Path | Image) -> Image:
    """The picture in RGB, turned as the camera was held."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    if not isinstance(picture, str | Path):
        return ImageOps.exif_transpose(picture).convert("RGB")
    try:
        with Image.open(picture) as image:
            return ImageOps.exif_transpose(image).convert("RGB")
    except UnidentifiedImageError:
        raise ValueError(
            f"{picture} is not a picture that can be read (JPEG, PNG, WebP …)"
        ) from None


def googlenet(weights_file: str | Path | None = None, **options: Any) -> ImagenetModel:
    """GoogLeNet, the network of the panda figure; its published weights are 50 MB.

    Args:
        weights_file: a state dict (.safetensors, or torchvision's .pth) instead of the published one.
        **options: `device` (default: CPU), and ImagenetModel's further keywords.

    Returns:
        The model in eval mode.

    Raises:
        DownloadError: the weights are not here and cannot be had; says which file to put where.
        ValueError: `weights_file` is damaged or belongs to another network.
    """
    # The published weights were trained on other constants; transform_input turns ours into them.
    return _pretrained(
        "googlenet", "GoogLeNet_Weights", weights_file, options,
        transform_input=True, aux_logits=False, init_weights=False,
    )  # fmt: skip


def resnet50(weights_file: str | Path | None = None, **options: Any) -> ImagenetModel:
    """ResNet-50 (the weights of the paper's recipe, 98 MB); arguments as for `googlenet`."""
    return _pretrained("resnet50", "ResNet50_Weights", weights_file, options)


def squeezenet1_0(weights_file: str | Path | None = None, **options: Any) -> ImagenetModel:
    """SqueezeNet 1.0, the smallest that knows all 1,000 classes (5 MB); arguments as for `googlenet`."""
    return _pretrained("squeezenet1_0", "SqueezeNet1_0_Weights", weights_file, options)


def _pretrained(
    name: str,
    enum: str,
    weights_file: str | Path | None,
    options: dict[str, Any],
    **architecture: Any,
) -> ImagenetModel:
    from .._torchvision import ensure

    torchvision_models = ensure().models
    published = getattr(torchvision_models, enum).IMAGENET1K_V1
    network = getattr(torchvision_models, name)(weights=None, **architecture)
    file = Path(weights_file) if weights_file is not None else _download(published.url)
    _load_into(network, file, name)
    device = options.pop("device", None) or "cpu"
    return ImagenetModel(network, published.meta["categories"], **options).eval().to(device)


def _download(url: str) -> Path:
    from ..data.cache import cache_dir
    from ..data.download import fetch

    name = url.rsplit("/", 1)[-1]
    # torchvision's files carry the first eight digits of their checksum in their name.
    digits = re.search(r"-([0-9a-f]{8,})\.", name)
    return fetch(url, cache_dir() / "weights" / name, sha256=digits.group(1) if digits else None)


def _load_into(network: nn.Module, file: Path, name: str) -> None:
    if not file.is_file():
        raise FileNotFoundError(f"no weights file {file}")
    try:
        state = _read(file)
        # GoogLeNet's two side classifiers served its training only.
        state = {key: value.float() for key, value in state.items() if not key.startswith("aux")}
        network.load_state_dict(state)
    except Exception as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ValueError(
            f"{file} holds no weights of {name} that can be used ({reason:.200}): "
            "delete it to have it downloaded again, or name another file"
        ) from None


def _read(file: Path) -> dict[str, Tensor]:
    if file.suffix == ".safetensors":
        from safetensors.torch import load_file

        return load_file(file)
    return torch.load(file, map_location="cpu", weights_only=True)
