"""The world in motion: short clips in which things glide, turn and grow while the camera pans.

split = clips(100, seed=0)             # frames, those of a clip one after another
films = Clips(split)                   # put together: films.images is (100, 8, 3, 48, 48)
"""

from .drawing import draw
from .motion import GROUNDS, Motions, sample_motions
from .sequences import Clips
from .splits import clips, load_clips

__all__ = ["GROUNDS", "Clips", "Motions", "clips", "draw", "load_clips", "sample_motions"]
