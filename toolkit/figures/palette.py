"""Which colours do figures use, and how do they follow the page into the dark?

Matplotlib draws with stand-in colours, one a role; the saved SVG names CSS variables in their place
(static/blocks.css gives them values for light and dark). Series also differ by marker and dash, so that
they are told apart without colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

INK = "#010203"
SOFT = "#010205"
LINE = "#010207"
CARD = "#fdfcfb"
BAD = "#010209"
HARM = "#fdfcf9"
GOOD = "#01020b"
SERIES = ("#01020d", "#01020f", "#010211", "#010213", "#010215", "#010217")
MARKERS = ("o", "s", "^", "D", "v", "P")
Dash = Literal["-"] | tuple[float, Sequence[float]]
DASHES: tuple[Dash, ...] = (
    "-",
    (0, (5, 2)),
    (0, (2, 1.5)),
    (0, (7, 2, 1.5, 2)),
    (0, (1, 1)),
    (0, (4, 1, 1, 1, 1, 1)),
)

VARIABLES: dict[str, str] = {
    INK: "var(--ink)",
    SOFT: "var(--soft)",
    LINE: "var(--strong-line)",
    CARD: "var(--card)",
    BAD: "var(--bad)",
    HARM: "var(--harm)",
    GOOD: "var(--good)",
    **{colour: f"var(--s{place})" for place, colour in enumerate(SERIES, start=1)},
}
