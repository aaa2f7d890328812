"""What an evaluation found, as a student reads it."""

from __future__ import annotations

from dataclasses import dataclass

from .alarms import Alarm

CLEAN = "clean"

_NO_ALARM = "No alarm: nothing seen here speaks for a hidden gradient."


@dataclass(frozen=True)
class Evaluation:
    """What is left of a model's accuracy under attack; shows itself as a table.

    Args:
        eps: the L-infinity radius of all attacks, in pixel units.
        images: how many were attacked.
        accuracies: "clean" and each attack -> fraction of all images that are right, and stayed right.
        worst_case: fraction of the images that stayed right under every attack.
        alarms: why not to believe it; empty where nothing speaks against it.
    """

    eps: float
    images: int
    accuracies: dict[str, float]
    worst_case: float
    alarms: tuple[Alarm, ...]

    @property
    def clean(self) -> float:
        return self.accuracies[CLEAN]

    def __str__(self) -> str:
        rows = [(name, _percent(value)) for name, value in self._rows().items()]
        width = max(len(name) for name, _ in rows)
        lines = [self._title(), *(f"  {name:<{width}}  {value:>8}" for name, value in rows)]
        lines += [f"ALARM. {alarm}" for alarm in self.alarms] or [_NO_ALARM]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        import html  # here, where it is needed: importing the room stays quick

        rows = "".join(
            f'<tr><th scope="row" style="text-align:left">{html.escape(name)}</th>'
            f'<td style="text-align:right">{_percent(value)}</td></tr>'
            for name, value in self._rows().items()
        )
        told = "".join(
            f"<li><b>{html.escape(alarm.name)}.</b> {html.escape(alarm.seen)} "
            f"<b>What to do:</b> {html.escape(alarm.remedy)}</li>"
            for alarm in self.alarms
        )
        below = f"<p><b>Alarms</b></p><ul>{told}</ul>" if told else f"<p>{_NO_ALARM}</p>"
        caption = f'<caption style="text-align:left">{html.escape(self._title())}</caption>'
        return f"<table>{caption}<tbody>{rows}</tbody></table>{below}"

    def _rows(self) -> dict[str, float]:
        return {**self.accuracies, "the worst of all, image by image": self.worst_case}

    def _title(self) -> str:
        return f"Still right, of {self.images} images, eps = {255 * self.eps:g}/255"


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.1f} %"
