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
from .clustering import (
    cluster_accuracy,
    contingency,
    deep_cluster,
    edges,
    kmeans,
    purity,
    whiten,
)
from .colour_bins import (
    ColourBins,
    balanced_accuracy,
    from_plane,
    to_plane,
)
from .colouring import (
    chroma,
    chroma_error,
    colour,
    colour_loss,
    colouring,
    rebalanced_colouring,
    saturation,
    to_grey,
)
from .evaluation import (
    Downstream,
    downstream,
)
from .inpainting import (
    bilinear_fill,
    gradient_energy,
    hole_mask,
    inpaint,
    inpainting,
    inpainting_loss,
    mean_fill,
    square_mask,
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
    "ColourBins",
    "Downstream",
    "balanced_accuracy",
    "bilinear_fill",
    "blur",
    "border_misfits",
    "chroma",
    "chroma_error",
    "cluster_accuracy",
    "colour",
    "colour_fringes",
    "colour_jitter",
    "colour_loss",
    "colouring",
    "contingency",
    "cut",
    "cutout",
    "deep_cluster",
    "distort",
    "downstream",
    "drop_colour",
    "edges",
    "extract_features",
    "few_labels",
    "fine_tune",
    "fit_linear",
    "flip",
    "from_plane",
    "gradient_energy",
    "greyscale",
    "hole_mask",
    "inpaint",
    "inpainting",
    "inpainting_loss",
    "kmeans",
    "knn_accuracy",
    "linear_probe",
    "match_borders",
    "mean_fill",
    "nearest",
    "neighbour_offset",
    "noise",
    "nt_xent",
    "pair_batch",
    "patches",
    "purity",
    "random_resized_crop",
    "rebalanced_colouring",
    "rotate",
    "rotate_batch",
    "rotation",
    "rotation_task",
    "sample_pair",
    "saturation",
    "simclr",
    "similarity",
    "square_mask",
    "to_grey",
    "to_plane",
    "two_views",
    "upside_down",
    "whiten",
]
