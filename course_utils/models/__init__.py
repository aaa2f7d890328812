"""The networks of the course: all take images in [0, 1] and normalise inside."""

import importlib

from .encoder import Classifier, Encoder, Normalise
from .matcher import Matcher, equal_error_rate
from .modes import evaluating
from .saving import build, load, save, spec
from .subset import Subset
from .unet import UNet

__all__ = [
    "Classifier",
    "Encoder",
    "Matcher",
    "Normalise",
    "Subset",
    "UNet",
    "build",
    "equal_error_rate",
    "evaluating",
    "imagenet",
    "load",
    "save",
    "spec",
    "zoo",
]


def __getattr__(name: str):
    if name in ("imagenet", "zoo"):
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
