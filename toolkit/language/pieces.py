"""What is a sentence made of: words, numbers that say where they come from, names, and texts that are quoted?

A page marks numbers and quotations with their place in results.json, so that both can be compared; the digits of a
name, of a release or of a source are no numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from toolkit.language.numbers import NBSP, Number, Source, digits
from toolkit.results.said import Marked, Said

POWER = 0.8  # at which settled_by is counted


@dataclass(frozen=True)
class Name:
    """A name in a sentence: of a task, a release, a measure, of a publication (cite) or a day (time).

    full: the whole name where `text` is cut.
    """

    text: str
    tag: Literal["bdi", "cite", "time"] = "bdi"
    full: str = ""


@dataclass(frozen=True)
class Quoted:
    """A text that stands in results.json under `field` of the entry `id`, whole or up to a sentence's end."""

    parts: tuple[str | Number | Name, ...]
    id: str
    field: str
    source: Source = "estimate"

    @property
    def text(self) -> str:
        """The quotation as plain words."""
        return text_of(self.parts)


Part = str | Number | Name | Quoted
Parts = tuple[Part, ...]


def text_of(parts: Iterable[Part]) -> str:
    """The parts as one plain string."""
    return "".join(part if isinstance(part, str) else part.text for part in parts)


def quoted(text: str, id: str, field: str, source: Source = "estimate") -> Quoted:  # noqa: A002  # as in results.json
    """A quotation that marks no number inside it."""
    return Quoted((text,), id, field, source)


def choice(text: str, value: float, name: str) -> Number:
    """A number that this toolkit chose for all streams, such as the power at which logs are planned."""
    return Number(text, value, "", name, "choice")


def tally(count: int, what: str) -> Number:
    """A count of what a page shows, such as rows: it stands in no file."""
    return Number(digits(count, 0), count, "", what, "count")


def power_text() -> Number:
    """The power of `settled_by`: "80 %"."""
    return choice(f"{100 * POWER:g}{NBSP}%", POWER, "power")


def capitalised(parts: Parts) -> Parts:
    """The parts with the first letter large, where a word or a name comes first."""
    if not parts or isinstance(parts[0], (Number, Quoted)):
        return parts
    first, rest = parts[0], parts[1:]
    if isinstance(first, Name):
        return (Name(first.text[:1].upper() + first.text[1:], first.tag, first.full), *rest)
    return (first[:1].upper() + first[1:], *rest) if first else (first, *capitalised(rest))


def joined(groups: Iterable[Parts], between: str) -> Parts:
    """Groups of parts with a text between them."""
    found: list[Part] = []
    for group in groups:
        found += [between, *group] if found else list(group)
    return tuple(found)


def as_said(parts: Iterable[Part]) -> Said:
    """The parts as results.json keeps them: numbers of estimates with their mark, all else as text."""
    kept: list[str | Marked] = []
    for part in _flat(parts):
        if isinstance(part, Number) and part.source == "estimate":
            kept.append(Marked(text=part.text, value=part.value, id=part.id, field=part.field))
            continue
        text = part if isinstance(part, str) else part.text
        if kept and isinstance(kept[-1], str):
            kept[-1] += text
        elif text:
            kept.append(text)
    return tuple(kept)


def parts_of(said: Said) -> tuple[str | Number, ...]:
    """What results.json keeps of a sentence, as parts again."""
    return tuple(
        piece if isinstance(piece, str) else Number(piece.text, piece.value, piece.id, piece.field) for piece in said
    )


def _flat(parts: Iterable[Part]) -> Iterable[str | Number | Name]:
    for part in parts:
        if isinstance(part, Quoted):
            yield from part.parts
        else:
            yield part
