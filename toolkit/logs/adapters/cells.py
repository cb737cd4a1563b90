"""What does a cell of somebody's table mean in a column of the log?"""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

from toolkit.logs.schema import Column

_EMPTY = frozenset({"", "na", "n/a", "nan", "null", "none", "-"})
_TRUE = {"true": True, "yes": True, "y": True, "1": True, "false": False, "no": False, "n": False, "0": False}
_SCORES = {
    "true": 1.0,
    "yes": 1.0,
    "correct": 1.0,
    "right": 1.0,
    "false": 0.0,
    "no": 0.0,
    "incorrect": 0.0,
    "wrong": 0.0,
}
_SOURCES = {
    "person": "human", "people": "human", "annotator": "human", "expert": "human", "crowd": "human",
    "model": "synthetic", "llm": "synthetic", "ai": "synthetic", "judge": "synthetic", "machine": "synthetic",
}  # fmt: skip


class NotMeant(ValueError):
    """A cell that is not of its column's kind; the message is the reason."""


def meant(value: Any, column: Column) -> Any:
    """The cell as the log takes it; None where it is empty. Raises NotMeant where it cannot be read so."""
    if value is None or (isinstance(value, str) and value.strip().lower() in _EMPTY):
        return None
    if isinstance(value, float) and math.isnan(value):
        return None
    if column.kind in ("floats", "texts"):
        return value if isinstance(value, list) else [value]
    if column.kind in ("text", "word"):
        text = _text(value)
        return _SOURCES.get(text.lower(), text.lower()) if column.kind == "word" else text
    if column.kind == "boolean":
        known = value if isinstance(value, bool) else _TRUE.get(_text(value).lower())
        if known is None:
            raise NotMeant(f"{column.name} is neither true nor false")
        return known
    number = _number(value, column.name)
    if column.kind == "number":
        return number
    if not number.is_integer():
        raise NotMeant(f"{column.name} is no whole number")
    return int(number)


def _number(value: Any, name: str) -> float:
    text = _text(value).removesuffix("%").strip()
    if name == "score" and text.lower() in _SCORES:
        return _SCORES[text.lower()]
    try:
        number = float(text)
    except ValueError:
        raise NotMeant(f"{name} is no number") from None
    if not math.isfinite(number):
        raise NotMeant(f"{name} is no finite number")
    return number


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    return str(value).strip()
