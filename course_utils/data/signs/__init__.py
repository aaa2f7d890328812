"""The world's road signs: flat plates that turn, recede and change light before its scenes.

split = signs(1000, seed=0)                              # labelled pictures in random poses
texture, alpha = plate("stop")                           # the plate itself, to be painted on
pictures = view(texture, alpha, sample_poses(8, seed=0)) # differentiable in the texture
"""

from .plates import CLASSES, index_of, plate, stickers
from .poses import BACKGROUNDS, RANGES, Poses, frontal, sample_poses
from .splits import load_signs, signs
from .views import scenery, view, viewer

__all__ = [
    "BACKGROUNDS", "CLASSES", "RANGES", "Poses", "frontal", "index_of", "load_signs", "plate",
    "sample_poses", "scenery", "signs", "stickers", "view", "viewer",
]  # fmt: skip
