"""What does each term mean in plain words, and who defined it? The entries stand in glossary.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from toolkit.language.wordings import wording_of


@dataclass(frozen=True)
class Term:
    """One entry: the name as it is printed, its definition, and the source ("" for this toolkit's own)."""

    name: str
    definition: str
    source: str = ""


_ENTRIES: dict[str, dict[str, str]] = tomllib.loads(
    (Path(__file__).with_name("glossary.toml")).read_text(encoding="utf-8")
)


def term(name: str) -> Term:
    """The entry of a quantity name or a general term.

    Raises KeyError for a name that has no entry: a page must not use words that it does not explain.
    """
    entry = _ENTRIES[name]
    return Term(entry.get("title") or wording_of(name).title, entry["definition"], entry.get("source", ""))


def terms(names: Iterable[str]) -> tuple[Term, ...]:
    """The entries of `names`, each once, in alphabetical order of what is printed."""
    return tuple(sorted({term(name) for name in names}, key=lambda entry: entry.name.lower()))


def known_terms() -> frozenset[str]:
    """Every name that has an entry."""
    return frozenset(_ENTRIES)
