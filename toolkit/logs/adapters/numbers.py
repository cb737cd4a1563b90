"""Which number does a value in another tool's file hold, if any?"""

from __future__ import annotations

import math


def number(value: object) -> float | None:
    """A finite number, also where it stands alone in a list or dictionary; None for anything else."""
    if isinstance(value, dict | list) and len(value) == 1:
        return number(next(iter(value.values() if isinstance(value, dict) else value)))
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < math.inf:
        return None
    return float(value) if abs(value) < 1e300 else None


def read_number(text: str | None) -> float | None:
    """The finite number that a text spells; None for anything else."""
    try:
        return number(float(text or ""))
    except ValueError:
        return None


def whole(text: str) -> int | None:
    """The whole number from 0 on that a text spells, of at most nine digits; None for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None
