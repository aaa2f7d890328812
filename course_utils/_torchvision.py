"""The one door to torchvision.

torch's CPU build from PyPI beside torchvision's CUDA build cannot load torchvision's C++ operators.
Two of them, ``nms`` and ``qnms``, are looked up while torchvision is being imported, so without them
the import itself fails. Their schemas alone are enough for everything the course uses (transforms,
classification models, their weights); calling an operator whose code is missing still fails, with
torchvision's own message.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

_SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)
# torch forgets a schema when the Library that declared it is collected.
_declared: list = []


def ensure() -> ModuleType:
    """torchvision, imported.

    Raises:
        ImportError: torchvision is not installed, or its version does not fit this torch at all.
    """
    try:
        return importlib.import_module("torchvision")
    except ModuleNotFoundError as error:
        if error.name != "torchvision":
            raise
        raise ImportError(
            "this needs torchvision, which is not installed: pip install torchvision"
        ) from None
    except RuntimeError as error:
        if "operator torchvision::" not in str(error):
            raise
    _forget_half_import()
    _declare_missing()
    try:
        return importlib.import_module("torchvision")
    except RuntimeError as error:
        _forget_half_import()
        raise ImportError(
            f"torchvision cannot be imported beside this torch ({error}): "
            "install the torchvision that belongs to your torch"
        ) from error


def _forget_half_import() -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[name]


def _declare_missing() -> None:
    import torch

    library = torch.library.Library("torchvision", "FRAGMENT")
    for schema in _SCHEMAS:
        name = schema.split("(")[0]
        if not hasattr(torch.ops.torchvision, name):
            library.define(schema)
    _declared.append(library)
