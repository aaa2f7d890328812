"""A notebook that shows every widget of the course, each in a cell of its own, with small models and pictures."""

from __future__ import annotations

import nbformat

SET_UP = """
import torch
from torch import nn
from course_utils import models, widgets
from course_utils.data.world import CLASSES as W, sample
from course_utils.selfsup import ColourBins
torch.manual_seed(0)
torch.set_num_threads(1)
C = ("house", "tree", "car", "fish")
x, y = torch.rand(8, 3, 24, 24), torch.arange(8) % 4

def net(outputs):
    return nn.Sequential(nn.AdaptiveAvgPool2d(6), nn.Flatten(), nn.Linear(108, outputs)).eval()

class Pairs(nn.Module):
    def __init__(self):
        super().__init__()
        self.one = net(8)
    def forward(self, centre, neighbour):
        return self.one(centre) + self.one(neighbour)

class Each(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.mix = nn.Conv2d(inputs, outputs, 1)
    def forward(self, x):
        return self.mix(x)

m, h = net(4), torch.randn(8, 6)
s = torch.nn.functional.normalize(torch.randn(8, 5), dim=1)
clip = torch.rand(4, 3, 24, 24)
"""

# Name -> the call.
WIDGETS = {
    "panda": "widgets.panda(m, x[:1], y[:1], C)",
    "ascent": "widgets.ascent(m, x[:1], y[:1], C, steps=3, target='car')",
    "which_is_which": "widgets.which_is_which(x[:4], [True, False] * 2, list('abcd'))",
    "rotation_game": "widgets.rotation_game(net(4), x[:2], torch.tensor([1, 2]))",
    "phone": "widgets.phone(net(4), x[:2])",
    "patch_quiz": "widgets.patch_quiz(x[:3], 6, 1, model=Pairs())",
    "sample_by_hand": "widgets.sample_by_hand(x, patch_size=6, gap=1)",
    "lens": "widgets.lens({'a': Pairs()}, x, 6, 1, 0)",
    "cue_swap": "widgets.cue_swap({'a': net(10), 'b': net(10)}, sample(1, seed=5), size=24)",
    "sticker": "widgets.sticker(m, x, y, torch.rand(3, 8, 8), C, 1)",
    "viewer": "widgets.viewer(m, {'it': lambda turn: x[:1] * turn}, {'turn': (0, 1, 0.1, 0.5)}, C, truth=0, target=1)",
    "spoil": "widgets.spoil({'a': m}, x[:1], y[:1], C)",
    "find_the_pairs": "widgets.find_the_pairs(x[:3], x[3:6], [1, 0, 2])",
    "augmentations": "widgets.augmentations(x[:2], shown=3, rotate=40)",
    "temperature": "widgets.temperature(x, s @ s.T)",
    "picture_map": "widgets.picture_map(x, y, {'a': h, 'b': h.flip(0)}, C)",
    "fill_the_hole": "widgets.fill_the_hole(Each(4, 3).eval(), x)",
    "cluster_browser": "widgets.cluster_browser(x, {'a': h, 'b': h.flip(1)}, y, C, k=3)",
    "colour_picker": "widgets.colour_picker(Each(1, 3).eval(), Each(1, len(ColourBins())).eval(), x)",
    "player": "widgets.player({'a': clip, 'b': clip.flip(0)}, title='Two clips')",
    "look_back": "widgets.look_back(Each(1, 4).eval(), clip[None], temperature=0.1)",
}


def notebook() -> nbformat.NotebookNode:
    cells = [nbformat.v4.new_code_cell(code) for code in (SET_UP.strip(), *WIDGETS.values())]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
