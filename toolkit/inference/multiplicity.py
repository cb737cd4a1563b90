"""Which of many looks at once stand out, when the chance of a false one is kept in check?

Holm (1979) for the few headline quantities named beforehand, Benjamini & Hochberg (1995) for exploratory flags
of tasks and attributes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

_METHODS = {"Holm": "holm", "Benjamini-Hochberg": "fdr_bh"}


def adjusted(
    p_values: Sequence[float | None],
    method: Literal["Holm", "Benjamini-Hochberg"],
    own: Sequence[float | None] | None = None,
) -> list[float | None]:
    """P-values corrected for their number; None, where there was no test, stays None and does not count.

    own: p-values of a second test of each, uncorrected, that has to agree: none falls below its own.
    """
    from statsmodels.stats.multitest import multipletests

    known = [p for p in p_values if p is not None]
    if not known:
        return list(p_values)
    corrected = iter(multipletests(known, method=_METHODS[method])[1])
    floors = own or [None] * len(p_values)
    return [
        None if p is None else max(float(next(corrected)), floor or 0.0)
        for p, floor in zip(p_values, floors, strict=True)
    ]
