"""The panda figure on a real network and a real panda, where both are at hand."""

import pytest

from course_utils import widgets
from course_utils.plots import Picture
from tests.real import real

pytestmark = pytest.mark.real


def test_a_real_panda_is_a_panda_until_two_grey_levels_are_added():
    figure = widgets.real_panda(
        real("imagenet_samples", "n02510455_giant_panda.jpg"),
        weights=real("weights", "squeezenet1_0_imagenet_fp16.safetensors"),
        mean=(123 / 255, 117 / 255, 104 / 255),
        std=(1 / 255, 1 / 255, 1 / 255),
        eps=2,
    )
    assert isinstance(figure, Picture)
    panels = [ax.get_xlabel() for ax in figure.axes[::2]]
    assert panels[0].startswith("giant panda ✓")
    assert "giant panda" not in panels[2]
    assert "✗" in panels[2]
