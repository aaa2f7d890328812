"""What a corruption is: a name, five levels, and a function of a batch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from ...attacks.inputs import check_images

SEVERITIES = (1, 2, 3, 4, 5)
MIN_SIZE = 8

Apply = Callable[[Tensor, float, torch.Generator | None], Tensor]


@dataclass(frozen=True)
class Corruption:
    """One way in which pictures go bad without anybody's intent.

    Args:
        name: what it is called, the key in CORRUPTIONS.
        family: noise, blur, weather or digital [Hendrycks and Dietterich 2019, section 4].
        level: what the numbers in `levels` measure.
        levels: the strength at severity 1 to 5.
        apply: called as apply(images, level, generator); may leave [0, 1].
    """

    name: str
    family: Literal["noise", "blur", "weather", "digital"]
    level: str
    levels: tuple[float, float, float, float, float]
    apply: Apply

    @torch.no_grad()
    def __call__(
        self, x: Tensor, severity: int = 3, generator: torch.Generator | None = None
    ) -> Tensor:
        """The batch corrupted, each image by random numbers of its own; see `corrupt`."""
        check_images(x, None)
        whole = isinstance(severity, int) and not isinstance(severity, bool)
        if not whole or severity not in (0, *SEVERITIES):
            raise ValueError(
                f"severity must be a whole number from 1 to 5 (or 0: unchanged), got {severity!r}"
            )
        if min(x.shape[-2:]) < MIN_SIZE:
            raise ValueError(
                f"images must be at least {MIN_SIZE} pixels a side to be corrupted, these are "
                f"{x.shape[-2]} x {x.shape[-1]}"
            )
        x = x.detach()
        if severity == 0 or not x.numel():
            return x.clone()
        # In half precision the lengths, counts and cosines in here would lose their meaning.
        exact = x if x.dtype == torch.float64 else x.float()
        return self.apply(exact, self.levels[severity - 1], generator).clamp(0, 1).to(x.dtype)
