"""How does results.json keep a sentence in pieces, so that each of its numbers names the estimate it stands for?"""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import BaseModel, ConfigDict, PlainSerializer, WithJsonSchema

from toolkit.results.estimate import INFINITE


def _spelt(value: float) -> float | str:
    """Infinity in words; the model's own setting does not reach it inside a union."""
    return value if math.isfinite(value) else "Infinity" if value > 0 else "-Infinity"


_SCHEMA = WithJsonSchema({"anyOf": [{"type": "number"}, INFINITE]})


class Marked(BaseModel):
    """A number as a sentence prints it.

    text: as printed; value: in the estimate's own unit and sign; id, field: of which estimate, and which of its
    numbers (value, low, n.items, ...).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    value: Annotated[float, PlainSerializer(_spelt, when_used="json"), _SCHEMA]
    id: str
    field: str


Said = tuple[str | Marked, ...]


def plain(said: Said) -> str:
    """The pieces as one plain sentence."""
    return "".join(piece if isinstance(piece, str) else piece.text for piece in said)


def must_say(said: Said, text: str) -> None:
    """Raises ValueError where there are pieces that do not make up `text`."""
    if said and plain(said) != text:
        raise ValueError(f"the pieces {plain(said)[:80]!r} do not make up the sentence {text[:80]!r}")
