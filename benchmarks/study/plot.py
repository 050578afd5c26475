"""A small plot as SVG: lines with dots over two logarithmic axes. Readable on light and dark pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from math import floor, log10

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 480, 300, 64, 44, 34, 16
INKS = ("#0b7285", "#e8590c", "#5f3dc4", "#2b8a3e", "#868e96")
Points = Sequence[tuple[float, float]]


def plot(title: str, across: str, up: str, series: Mapping[str, Points]) -> str:
    """The whole drawing. Coordinates must be above zero."""
    every = [point for points in series.values() for point in points]
    x = _scale([p[0] for p in every], LEFT, WIDTH - RIGHT)
    y = _scale([p[1] for p in every], HEIGHT - BOTTOM, TOP)
    parts = [_text(WIDTH / 2, 18, title, "middle", 14), _text(WIDTH / 2, HEIGHT - 8, across, "middle")]
    parts.append(_text(14, TOP - 10, up, "start"))
    parts += _grid([p[0] for p in every], [p[1] for p in every], x, y)
    for n, (name, points) in enumerate(series.items()):
        ink, line = INKS[n % len(INKS)], " ".join(f"{x(a):.1f},{y(b):.1f}" for a, b in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{ink}" stroke-width="2"/>')
        parts += [f'<circle cx="{x(a):.1f}" cy="{y(b):.1f}" r="3" fill="{ink}"/>' for a, b in points]
        parts.append(_text(LEFT + 10, TOP + 14 + 15 * n, name, "start", ink=ink))
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif">'
    back = f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>'
    return "\n".join([head, f"<title>{escape(title)}</title>", back, *parts, "</svg>\n"])


def _scale(values: Sequence[float], start: float, end: float):
    low, high = log10(min(values)) - 0.05, log10(max(values)) + 0.05
    return lambda value: start + (end - start) * (log10(value) - low) / (high - low)


def _grid(across: Sequence[float], up: Sequence[float], x, y) -> list[str]:
    lines = []
    for tick in sorted(set(across)):
        lines.append(
            f'<line x1="{x(tick):.1f}" x2="{x(tick):.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}" stroke="#e9ecef"/>'
        )
        lines.append(_text(x(tick), HEIGHT - BOTTOM + 16, _short(tick), "middle"))
    for tick in _ticks(min(up), max(up)):
        lines.append(_rule(LEFT, WIDTH - RIGHT, y(tick), y(tick)))
        lines.append(_text(LEFT - 6, y(tick) + 4, _short(tick), "end"))
    return lines


def _rule(x1: float, x2: float, y1: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" x2="{x2:.1f}" y1="{y1:.1f}" y2="{y2:.1f}" stroke="#e9ecef"/>'


def _ticks(low: float, high: float) -> list[float]:
    """1, 2 and 5 of every power of ten between."""
    powers = range(floor(log10(low)) - 1, floor(log10(high)) + 2)
    return [tick for power in powers for n in (1, 2, 5) if low * 0.9 <= (tick := n * 10.0**power) <= high * 1.1]


def _short(value: float) -> str:
    for unit, name in ((1e6, "M"), (1e3, "k")):
        if value >= unit:
            return f"{value / unit:g}{name}"
    return f"{value:g}"


def _text(x: float, y: float, text: str, anchor: str, size: int = 11, ink: str = "#343a40") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{ink}"'
    return f"<text {place}>{escape(text)}</text>"
