"""Self-supervision: pretext tasks, and what the features learnt from them are worth downstream.

A pretext task is an objective for `training.fit`, which makes its own labels from the pictures::

    model = Classifier(Encoder(), 4)
    fit(model, world.unlabelled, objective=selfsup.rotation)
    print(selfsup.downstream(model.encoder, world))

The networks that need more than a `Classifier` are in `course_utils.models.pretext`.
"""

from .augmentations import (
    Augmentation,
    blur,
    colour_jitter,
    cutout,
    distort,
    flip,
    greyscale,
    noise,
    random_resized_crop,
    rotate,
)
from .evaluation import (
    Downstream,
    downstream,
)
from .patches import (
    BorderNet,
    border_misfits,
    colour_fringes,
    cut,
    drop_colour,
    match_borders,
    nearest,
    neighbour_offset,
    pair_batch,
    patches,
    sample_pair,
)
from .probes import (
    extract_features,
    few_labels,
    fine_tune,
    fit_linear,
    knn_accuracy,
    linear_probe,
)
from .rotation import (
    rotate_batch,
    rotation,
    rotation_task,
    upside_down,
)
from .simclr import (
    nt_xent,
    simclr,
    similarity,
    two_views,
)

__all__ = [
    "Augmentation",
    "BorderNet",
    "Downstream",
    "blur",
    "border_misfits",
    "colour_fringes",
    "colour_jitter",
    "cut",
    "cutout",
    "distort",
    "downstream",
    "drop_colour",
    "extract_features",
    "few_labels",
    "fine_tune",
    "fit_linear",
    "flip",
    "greyscale",
    "knn_accuracy",
    "linear_probe",
    "match_borders",
    "nearest",
    "neighbour_offset",
    "noise",
    "nt_xent",
    "pair_batch",
    "patches",
    "random_resized_crop",
    "rotate",
    "rotate_batch",
    "rotation",
    "rotation_task",
    "sample_pair",
    "simclr",
    "similarity",
    "two_views",
    "upside_down",
]
