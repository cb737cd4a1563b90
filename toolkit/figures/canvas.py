"""How is a figure drawn and kept: one theme, one way to draw an interval, one to draw a margin?

Sizes are CSS pixels (a figure's unit is 1/72 inch, and one such unit is one pixel on the page).
"""

from __future__ import annotations

import base64
import io
import math
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from toolkit.figures.blocks import Block
from toolkit.figures.cells import Cell, shown_name, text_view
from toolkit.figures.palette import BAD, CARD, HARM, INK, LINE, SOFT
from toolkit.figures.svg import tidy
from toolkit.language import Name, Parts, clean, short, text_of

WIDTH = 720.0
NARROW = 326.0  # what a phone of 360 px leaves for a figure
MANY_MARKS = 1500  # above this, marks are drawn as pixels at 144 dpi inside the SVG; its text stays text
_THEME: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "streamreview",
    "text.parse_math": False,
    "font.size": 12,
    "font.family": ["DejaVu Sans"],
    "text.color": INK,
    "axes.edgecolor": LINE,
    "axes.labelcolor": SOFT,
    "axes.labelsize": 12,
    "axes.linewidth": 1,
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "xtick.color": LINE,
    "ytick.color": LINE,
    "xtick.labelcolor": SOFT,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 11.5,
    "ytick.labelsize": 12,
    "legend.frameon": False,
    "lines.solid_capstyle": "round",
}


def draw(
    paint: Callable[[Figure], None],
    *,
    height: float,
    caption: str,
    alt: Parts | str,
    table: Cell | None,
    width: float = WIDTH,
    note: Parts | str = "",
    png: bool = False,
    narrow_height: float | None = None,
) -> Block:
    """A figure block: `paint` fills an empty figure of `width` x `height` pixels.

    caption: what is shown; alt: what it shows, as a finding (the caption marks its numbers); table: the numbers behind
    it (table_view); png: pixels at 144 dpi on a white ground, where vector marks would be too many; narrow_height: the
    figure is painted a second time, as wide as a phone and this high (`paint` may ask `is_narrow`); without it,
    phones scroll the wide one.
    """
    told = alt if isinstance(alt, str) else text_of(alt)
    with mpl.rc_context(_THEME), warnings.catch_warnings():
        # A name in a script that the measuring font lacks is still shown by the reader's fonts.
        warnings.filterwarnings("ignore", message=r".*Glyph .* missing from.*")
        warnings.filterwarnings("ignore", message=r".*Matplotlib currently does not support .* natively.*")
        data: dict[str, Any] = {
            "caption": caption,
            **text_view("alt", alt),
            **text_view("note", note),
            "table": table,
            "width": round(width),
            "svg": None if png else _as_svg(paint, width, height, told),
            "png": _as_png(paint, width, height) if png else None,
            "narrow": None if png or narrow_height is None else _as_svg(paint, NARROW, narrow_height, told),
        }
    return Block("figure", data, f"{caption}\n{told}")


def is_narrow(figure: Figure) -> bool:
    """Whether the figure is being painted for a phone."""
    return bool(figure.get_figwidth() * 72 < (NARROW + WIDTH) / 2)


def _as_svg(paint: Callable[[Figure], None], width: float, height: float, alt: str) -> str:
    figure, stream = _painted(paint, width, height), io.BytesIO()
    FigureCanvasSVG(figure)
    figure.savefig(stream, format="svg", dpi=144, metadata={"Date": None, "Creator": None})
    return tidy(stream.getvalue().decode("utf-8"), alt=alt, width=width)


def _as_png(paint: Callable[[Figure], None], width: float, height: float) -> str:
    figure, stream = _painted(paint, width, height), io.BytesIO()
    FigureCanvasAgg(figure)
    figure.savefig(stream, format="png", dpi=144, facecolor="white", metadata={"Software": None})
    return base64.b64encode(stream.getvalue()).decode("ascii")


def _painted(paint: Callable[[Figure], None], width: float, height: float) -> Figure:
    figure = Figure(figsize=(width / 72, height / 72), dpi=72, layout="constrained")
    paint(figure)
    return figure


def label(name: str, longest: int = 26) -> str:
    """A name from the log as a figure can hold it; the whole name stands in the table behind it."""
    return short(clean(name), longest)


def named(name: str, longest: int = 26) -> Name:
    """The same for what a caption says."""
    return shown_name(name, longest)


def draw_intervals(
    axes: Axes,
    places: Sequence[float],
    values: Sequence[float | None],
    ends: Sequence[tuple[float, float] | None],
    *,
    colour: str = INK,
    marker: str = "o",
    horizontal: bool = True,
    size: float = 8,
    width: float = 2.8,
) -> None:
    """The one way to draw intervals: a round bar with a dot; a dot alone is an estimate without interval."""
    for place, value, pair in zip(places, values, ends, strict=True):
        if pair is not None and all(map(math.isfinite, pair)):
            xy = (list(pair), [place, place]) if horizontal else ([place, place], list(pair))
            axes.plot(*xy, color=colour, linewidth=width, solid_capstyle="round", zorder=3)
        if value is not None and math.isfinite(value):
            dot = ([value], [place]) if horizontal else ([place], [value])
            hollow = pair is None
            axes.plot(
                *dot,
                marker=marker,
                markersize=size,
                color=colour,
                markerfacecolor=CARD if hollow else colour,
                markeredgecolor=colour if hollow else CARD,
                markeredgewidth=1.2,
                linestyle="none",
                zorder=4,
            )


def draw_margin(
    axes: Axes, margin: float, side: int, *, horizontal: bool = True, share: tuple[float, float] = (0.0, 1.0)
) -> None:
    """The one way to draw a margin: the harm beyond it is shaded, its edge is dashed, zero is a thin line.

    side: +1 where less is harm, -1 where more is harm, 0 where both are. share: from where to where of the other
    axis, where rows have margins of their own. Call when the limits are set.
    """
    low, high = axes.get_xlim() if horizontal else axes.get_ylim()
    low, high = min(low, high), max(low, high)
    span, line = (axes.axvspan, axes.axvline) if horizontal else (axes.axhspan, axes.axhline)
    for on, edge, end in ((side >= 0, -margin, low), (side <= 0, margin, high)):
        if on and low < edge < high:
            span(min(edge, end), max(edge, end), *share, color=HARM, linewidth=0, zorder=0)
            line(edge, *share, color=BAD, linewidth=1.3, linestyle=(0, (3, 3)), zorder=1)


def draw_zero(axes: Axes, *, horizontal: bool = True) -> None:
    """The line of no difference."""
    (axes.axvline if horizontal else axes.axhline)(0, color=LINE, linewidth=1, zorder=1)
