"""A bar chart as SVG, readable on light and dark pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _LABELS, _BAR, _GAP, _HEAD = 760, 270, 20, 8, 46


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar; `is_ours` makes it stand out."""

    label: str
    value: float
    is_ours: bool


def chart(title: str, groups: Sequence[tuple[str, Sequence[Bar]]]) -> str:
    """The bars by group, all to one scale."""
    longest = max(bar.value for _, bars in groups for bar in bars)
    scale = (_WIDTH - _LABELS - 70) / longest
    lines: list[str] = []
    top = _HEAD
    for heading, bars in groups:
        lines.append(f'<text x="10" y="{top + 14}" font-weight="bold">{escape(heading)}</text>')
        top += _BAR + _GAP
        for bar in bars:
            fill, length = ("#1f6feb" if bar.is_ours else "#8c959f"), max(bar.value * scale, 1)
            lines.append(f'<text x="{_LABELS - 10}" y="{top + 14}" text-anchor="end">{escape(bar.label)}</text>')
            lines.append(f'<rect x="{_LABELS}" y="{top}" width="{length:.1f}" height="{_BAR}" fill="{fill}"/>')
            lines.append(f'<text x="{_LABELS + length + 6:.1f}" y="{top + 14}">{bar.value:.2f}</text>')
            top += _BAR + _GAP
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{top + 6}" font-family="sans-serif"'
            f' font-size="13" role="img" aria-label="{escape(title)}">',
            '<rect width="100%" height="100%" fill="#ffffff"/>',
            f'<text x="10" y="24" font-size="15" font-weight="bold">{escape(title)}</text>',
            *lines,
            "</svg>\n",
        )
    )
