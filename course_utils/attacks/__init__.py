"""Adversarial examples: small changes of a picture that change what a network says about it.

Every attack takes images (N, 3, H, W) in [0, 1], a model that returns logits (N, C), and eps in the
same pixel units (8/255, never 8). It returns new images, detached, in the dtype and on the device of
its input; it works in eval mode and leaves model and inputs as it found them.
"""

from .eot import eot_attack, eot_gradient
from .gradient import fgsm, fgsm_targeted, input_gradient
from .masked import masked_pgd
from .norms import L2, Linf, Norm
from .patch import PatchPoses, paste_patch, patch_success, random_poses, train_patch
from .pgd import pgd
from .square import square_attack

__all__ = [
    "L2",
    "Linf",
    "Norm",
    "PatchPoses",
    "eot_attack",
    "eot_gradient",
    "fgsm",
    "fgsm_targeted",
    "input_gradient",
    "masked_pgd",
    "paste_patch",
    "patch_success",
    "pgd",
    "random_poses",
    "square_attack",
    "train_patch",
]
