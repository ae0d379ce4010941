"""Bar charts and a heat map as SVG, so that they can be looked at without any other program."""

from collections.abc import Mapping, Sequence
from html import escape

_WIDTH, _ROW, _LEFT, _RIGHT = 860, 26, 230, 90
_COLOURS = ("#1f4e79", "#5b8c5a", "#7a5c99", "#4a9aa5")
_OF_KINDS = {"injection": "#b3372f", "harm": "#d9772b", "refusal": "#c9a21b", "no label": "#c3cad1"}
_FONT = 'font-family="system-ui, sans-serif" font-size="13"'


def bars(title: str, rows: Mapping[str, Mapping[str, float]], *, unit: str = "") -> str:
    """Stacked bars, one a row, of the parts that each row has."""
    kinds = list(dict.fromkeys(kind for parts in rows.values() for kind in parts))
    longest = max((sum(parts.values()) for parts in rows.values()), default=0) or 1
    scale = (_WIDTH - _LEFT - _RIGHT) / longest
    drawn = [_heading(title), _legend(kinds)]
    for number, (name, parts) in enumerate(rows.items()):
        top, left = 70 + number * _ROW, float(_LEFT)
        drawn.append(_text(_LEFT - 8, top + 15, name, anchor="end"))
        for kind, value in parts.items():
            colour = _colour(kind, kinds)
            drawn.append(
                f'<rect x="{left:.1f}" y="{top}" width="{value * scale:.1f}" height="{_ROW - 6}" fill="{colour}">'
                f"<title>{escape(name)}, {escape(kind)}: {value:g}{unit}</title></rect>"
            )
            left += value * scale
        drawn.append(_text(left + 6, top + 15, f"{sum(parts.values()):,.6g}{unit}"))
    return _svg(drawn, 80 + len(rows) * _ROW)


def intervals(title: str, rows: Sequence[tuple[str, float, float, float]]) -> str:
    """Shares between 0 and 1, each a point with its interval: name, low, value, high."""
    scale = _WIDTH - _LEFT - _RIGHT
    drawn = [_heading(title)]
    for number, (name, low, value, high) in enumerate(rows):
        middle = 62 + number * _ROW
        drawn += [
            _text(_LEFT - 8, middle + 4, name, anchor="end"),
            f'<line x1="{_LEFT}" x2="{_LEFT + scale}" y1="{middle}" y2="{middle}" stroke="#e3e7eb"/>',
            f'<line x1="{_LEFT + low * scale:.1f}" x2="{_LEFT + high * scale:.1f}" y1="{middle}" y2="{middle}" '
            'stroke="#1f4e79" stroke-width="3"/>',
            f'<circle cx="{_LEFT + value * scale:.1f}" cy="{middle}" r="5" fill="#b3372f"/>',
            _text(_LEFT + scale + 10, middle + 4, f"{value:.3f}"),
        ]
    return _svg(drawn, 72 + len(rows) * _ROW)


def heat(title: str, names: Sequence[str], values: Sequence[Sequence[float | None]]) -> str:
    """A square of numbers from -1 to 1: blue below nought, red above; None stays empty."""
    cell = 56
    drawn = [_heading(title)]
    for row, (name, line) in enumerate(zip(names, values, strict=True)):
        top = 60 + row * 30
        drawn.append(_text(_LEFT - 8, top + 19, f"{row + 1}. {name}", anchor="end"))
        drawn.append(_text(_LEFT + row * cell + cell / 2, 54, str(row + 1), anchor="middle"))
        for column, value in enumerate(line):
            if value is None:
                continue
            strength = round(abs(value) * 200)
            colour = (
                f"rgb(255,{255 - strength},{255 - strength})"
                if value > 0
                else f"rgb({255 - strength},{255 - strength},255)"
            )
            left = _LEFT + column * cell
            drawn.append(f'<rect x="{left}" y="{top}" width="{cell - 2}" height="28" fill="{colour}"/>')
            drawn.append(_text(left + cell / 2, top + 19, f"{value:.2f}", anchor="middle"))
    return _svg(drawn, 80 + len(names) * 30, max(_WIDTH, _LEFT + len(names) * cell + 20))


def _heading(title: str) -> str:
    return f'<text x="16" y="24" {_FONT} font-weight="bold">{escape(title)}</text>'


def _legend(kinds: Sequence[str]) -> str:
    left, drawn = 16.0, []
    for kind in kinds:
        drawn.append(f'<rect x="{left}" y="40" width="12" height="12" fill="{_colour(kind, kinds)}"/>')
        drawn.append(_text(left + 16, 51, kind))
        left += 26 + 7 * len(kind)
    return "".join(drawn)


def _colour(kind: str, kinds: Sequence[str]) -> str:
    """What is to be found is warm, what is not is cold."""
    plain = [one for one in kinds if _warm(one) is None]
    return _warm(kind) or _COLOURS[plain.index(kind) % len(_COLOURS)]


def _warm(kind: str) -> str | None:
    return next((colour for name, colour in _OF_KINDS.items() if kind.endswith(name)), None)


def _text(left: float, top: float, text: str, anchor: str = "start") -> str:
    short = text if len(text) <= 32 else f"{text[:31]}…"
    return f'<text x="{left:.1f}" y="{top}" text-anchor="{anchor}" {_FONT}>{escape(short)}</text>'


def _svg(drawn: Sequence[str], height: int, width: int = _WIDTH) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}"><rect width="100%" height="100%" fill="white"/>{"".join(drawn)}</svg>\n'
    )
