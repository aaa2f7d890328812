"""Importing costs what is used: which modules come along, not how long it takes."""

import json
import subprocess
import sys

import pytest

HEAVY = {"torchvision", "matplotlib", "sklearn", "scipy", "ipywidgets", "PIL", "IPython", "pandas"}


def modules_after(statement: str) -> set[str]:
    code = f"import sys, json; {statement}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in json.loads(done.stdout)}


def test_importing_the_package_imports_nothing_but_itself():
    assert not modules_after("import course_utils") & {"torch", "numpy", "safetensors", *HEAVY}


@pytest.mark.parametrize(
    "rooms", ["device, models, attacks, robustness", "training", "models, attacks, training"]
)
def test_the_rooms_add_nothing_heavy_to_torch(rooms):
    extra = modules_after(f"from course_utils import {rooms}") - modules_after("import torch")
    assert not extra & HEAVY
    assert extra <= {"course_utils", "safetensors", "packaging", "unicodedata"}, sorted(extra)


def test_every_room_can_be_reached_from_the_package():
    import course_utils

    for room in ("attacks", "device", "models", "robustness", "training"):
        assert getattr(course_utils, room).__name__ == f"course_utils.{room}"
        assert room in dir(course_utils)
    with pytest.raises(AttributeError, match="no attribute 'kitchen'"):
        _ = course_utils.kitchen
