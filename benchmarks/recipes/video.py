"""A network that colours grey clips from their first frame, and tracks what moves in them."""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor, nn

from course_utils import data
from course_utils.data.clips import Clips
from course_utils.models import UNet
from course_utils.selfsup.colouring import chroma, to_grey
from course_utils.selfsup.video import colour_clip, iou, track, video_colouring
from course_utils.training import fit
from recipes.recipe import Recipe, Trained

# Chosen on validation clips. An attention on single pixels would cost sixteen times as much.
TEMPERATURE = 0.05
OUT, WIDTH = 4, 16
TARGETS = 2  # frames of a clip that are coloured at each step
EPOCHS, BATCH_SIZE, LR = 14, 16, 3e-3


@cache
def clips(split: str) -> Clips:
    return Clips(getattr(data.load("clips"), split))


def rms(coloured: Tensor, x: Tensor) -> float:
    """Root mean squared error of the chroma over the frames (N, 3, H, W), as a fraction of the pixel range."""
    return float((chroma(coloured) - chroma(x)).square().mean().sqrt())


def followed(
    model: nn.Module, split: Clips, temperature: float = TEMPERATURE
) -> tuple[float, float]:
    """Every clip from its first frame: RMS error of the chroma of the frames after it, mean IoU there."""
    images = split.images  # (N, T, 3, H, W)
    coloured, found = [], []
    for clip, thing in zip(images, split.thing, strict=True):
        grey = to_grey(clip)
        coloured.append(colour_clip(model, grey, clip[0], temperature)[1:])
        found.append(track(model, grey, thing[0], temperature)[1:])
    error = rms(torch.cat(coloured), images[:, 1:].flatten(0, 1))
    return error, float(iou(torch.stack(found), split.thing[:, 1:]).mean())


def train(seed: int) -> Trained:
    torch.manual_seed(seed)
    model = UNet(1, OUT, WIDTH)
    history = fit(
        model,
        clips("train"),
        clips("validation"),
        epochs=EPOCHS,
        batch_size=BATCH_SIZE,
        lr=LR,
        objective=video_colouring(TEMPERATURE, TARGETS),
        seed=seed,
    )
    error, overlap = followed(model, clips("validation"))
    figures = {
        "error of the colours, RMS of the chroma as a share of the pixel range, validation": error,
        "IoU of the thing's mask carried along, validation": overlap,
    }
    return Trained(model, history, figures)


RECIPES = (
    Recipe(
        name="clips_colouring",
        purpose="It gives every square of 2 x 2 pixels of a grey frame an embedding, such that squares "
        "that belong together in two frames of a clip are alike. So a grey clip can take its colours from "
        "its first frame, and a mask can be carried along, which it was never trained for.",
        classes=(),
        data='`load("clips")`: 400 training clips of 8 frames of 48 x 48',
        training="colours copied from one frame of a clip to another by the softmax of squared distances "
        f"over {TEMPERATURE:g} between embeddings, mean squared error of the chroma (Vondrick et al. 2018, "
        f"arXiv 1806.09594, with continuous colours); {TARGETS} frames coloured a clip and step; AdamW, "
        f"one-cycle learning rate up to {LR:g}, batches of {BATCH_SIZE} clips, {EPOCHS} epochs",
        results="benchmarks/results/beyond.md",
        train=train,
        returns=f"{OUT} channels (N, {OUT}, H, W), from which `selfsup.embed` makes unit vectors "
        f"(N, {4 * OUT}, H/2, W/2). The images are grey, (N, 1, H, W)",
        sources=(
            "selfsup/video.py",
            "selfsup/colouring.py",
            "models/unet.py",
            "data/clips/drawing.py",
            "data/clips/motion.py",
            "data/clips/sequences.py",
            "data/clips/splits.py",
        ),
    ),
)
