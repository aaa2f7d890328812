"""What a network costs: the figures that docstrings quote."""

import torch
from torch import nn


def weights(model: nn.Module) -> int:
    """All that it learns."""
    return sum(parameter.numel() for parameter in model.parameters())


def multiply_adds(model: nn.Module, x: torch.Tensor) -> int:
    """Those of the convolutions and linear layers, counted by hooks."""
    total = 0

    def count(module, inputs, output):
        nonlocal total
        per_output = module.weight[0].numel()
        total += output[0].numel() * per_output

    hooks = [
        module.register_forward_hook(count)
        for module in model.modules()
        if isinstance(module, nn.Conv2d | nn.Linear)
    ]
    model(x)
    for hook in hooks:
        hook.remove()
    return total
