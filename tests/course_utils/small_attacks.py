"""A small model to attack, and all of a model that an attack might leave different."""

import copy

import torch
from torch import nn


def small_model() -> nn.Sequential:
    """Batch normalisation and dropout: both misbehave unless the model is in eval mode."""
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Conv2d(3, 8, 3, 2), nn.BatchNorm2d(8), nn.ReLU(), nn.Dropout(0.5),
        nn.Conv2d(8, 16, 3, 2), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 5),
    )  # fmt: skip
    with torch.no_grad():
        model[-1].weight.mul_(20)  # logits far enough apart for an attack to have something to do
    model(torch.rand(64, 3, 12, 12))
    return model


def state(model):
    """Everything of a model that an attack could leave different."""
    return {
        "modes": [module.training for module in model.modules()],
        "tensors": {name: tensor.clone() for name, tensor in model.state_dict().items()},
        "wanted": [parameter.requires_grad for parameter in model.parameters()],
        "grads": [copy.deepcopy(parameter.grad) for parameter in model.parameters()],
    }


def same(first, second) -> bool:
    if isinstance(first, torch.Tensor):
        return torch.equal(first, second)
    if isinstance(first, dict):
        return all(same(first[key], second[key]) for key in first)
    if isinstance(first, list):
        return all(same(a, b) for a, b in zip(first, second, strict=True))
    return first == second


def in_mixed_states(model):
    """Train mode with one frozen submodule, some gradients there already, one parameter switched off."""
    model.train()
    model[1].eval()
    model[0].weight.requires_grad_(False)
    model[4].weight.grad = torch.ones_like(model[4].weight)
    return model


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)
