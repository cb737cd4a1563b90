"""How does the calibration read as a table: live, a line at a time, and as a page of the documentation?"""

from __future__ import annotations

import math
from collections.abc import Sequence

from toolkit.simulation.calibration.measured import TOLERANCE, Measured

HEADER = ("study", "what", "scope", "method", "claims", "measured", "±", "width", "refused", "replicates", "band", "ok")
RIGHT = (4, 5, 6, 7, 8, 9)

_ABOUT = """\
# Calibration

What intervals and flags claim, against how often they keep it where the truth is known. Each line draws data from a
model with known true values, hands them to the toolkit's own functions, and counts. `make calibrate` writes this page;
it is the same for any number of processes.

- **coverage**: the share of intervals that hold the truth; **size** and **false alarms**: the share of tests, or of
  families of flags, that find something where there is nothing; **power**: the share of true effects that are found;
  **bias**: the mean error.
- **±** is the Monte Carlo error of what was measured. A line is right (**ok**) where the measured value lies in its
  band, widened by {tolerance:g} such errors, and where the method did not refuse to answer more often than it may.
- **Negative controls** (in italics) are methods known to be wrong. They must be found out: a study in which they did
  well would prove nothing about the others.
- **width** is the mean width of the interval, in units of the score. Of two methods that cover, the narrower is better.
"""

_FOOTER = """\
{summary}

Lines with fewer replicates read and analyse whole stream folders, or fit a classifier anew for each permutation.
Measured in the tests and not in this table: upper bounds of distances between judge and people, agreement with missing
ratings by coefficients other than Krippendorff's alpha, and that a cube made on Spark is that of DuckDB.
"""


def cells(found: Measured) -> tuple[str, ...]:
    """The line's cells, in the order of `HEADER`."""
    line = found.line
    low, high = (f"{end:g}" for end in line.band)
    return (
        found.study,
        line.what,
        line.scope or "–",
        line.method,
        "–" if line.nominal is None else f"{line.nominal:.3g}",
        _number(found.value, 4),
        _number(found.error, 4),
        _number(found.width, 3),
        f"{found.refused:.1%}" if found.refused else "0",
        f"{found.replicates:,}",
        f"{low} to {high}",
        "ok" if found.ok else "NO",
    )


def _number(value: float, digits: int) -> str:
    return f"{value:.{digits}f}" if math.isfinite(value) else "–"


def page(lines: Sequence[Measured]) -> str:
    """The table as Markdown, with what it means before and what it leaves out after it."""
    header = ("what", "kind", *HEADER[2:])
    rows = [_row(header), _row(["---:" if name in _NUMBERS else "---" for name in header])]
    study = ""
    for found in lines:
        _, what, *rest = cells(found)
        if found.study != study:
            study, opening = found.study, f"`{found.study}`: "
        else:
            opening = ""
        text = f"{opening}{what}"
        rows.append(_row([f"*{text}*" if found.line.negative else text, found.line.kind, *rest]))
    parts = (_ABOUT.format(tolerance=TOLERANCE), "\n".join(rows), "", _FOOTER.format(summary=summary(lines)))
    return "\n".join(parts)


_NUMBERS = tuple(HEADER[place] for place in RIGHT)


def summary(lines: Sequence[Measured]) -> str:
    """How many lines lie where they must, and which do not."""
    missed = [found for found in lines if not found.ok]
    controls = sum(found.line.negative for found in lines)
    told = f"{len(lines) - len(missed)} of {len(lines)} lines lie where they must, {controls} of them negative controls"
    return f"{told}." if not missed else f"{told}; not: {'; '.join(_named(found) for found in missed)}."


def _named(found: Measured) -> str:
    low, high = found.line.band
    value = _number(found.value, 4)
    return f"{found.study} ({found.line.what}, {found.line.method}: {value}, must be {low:g} to {high:g})"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
