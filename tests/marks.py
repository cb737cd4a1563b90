"""Which numbers does a page show, where does each say it comes from, and does results.json say the same?"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, get_args

from toolkit.language.numbers import Source
from toolkit.results import Results
from toolkit.review.margins import PROVISIONAL_SHARE

SOURCES = get_args(Source)
VOID = frozenset({"area", "br", "col", "hr", "img", "input", "link", "meta", "wbr"})
# Digits that are no numbers of a report: names and quoted code, drawings (whose numbers stand in their table),
# sources in the literature, days, and what is not seen; and text that is the same for every log.
ELEMENTS = frozenset({"bdi", "cite", "code", "time", "svg", "style", "title"})
CLASSES = frozenset({
    "eyebrow",  # the head of a page: release, baseline and date
    "glossary",  # definitions
    "prose",  # a notebook's own words
    "kind",  # samples as they are
})  # fmt: skip
CHOICES = {"power": 0.8, "anytime_miss": 0.05, "provisional": PROVISIONAL_SHARE}


@dataclass
class Shown:
    """One marked element: its place in results.json, its raw value where it is a number, and its text.

    publication: of the releases page, whose results.json is meant, by the address of its page.
    """

    source: str
    id: str
    field: str
    value: str | None
    text: str = ""
    publication: str = ""


@dataclass
class _Open:
    tag: str
    exempt: bool
    mark: Shown | None
    publication: str


@dataclass
class Seen:
    """What stands on a page: marked elements, texts with digits that carry no mark, and the ids of elements."""

    marked: list[Shown] = field(default_factory=list)
    unmarked: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)


class _Walker(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[_Open] = []
        self.seen = Seen()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.seen.ids.append(given["id"])
        if tag in VOID:
            return
        source = next((name for name in SOURCES if f"data-{name}" in given), None)
        mark = None
        if source is not None:
            inside = next((o.publication for o in reversed(self.open) if o.publication), "")
            mark = Shown(source, given[f"data-{source}"], given["data-field"], given.get("value"), publication=inside)
            self.seen.marked.append(mark)
        exempt = tag in ELEMENTS or tag == "footer" or bool(CLASSES & set(given.get("class", "").split()))
        self.open.append(_Open(tag, exempt, mark, given.get("data-publication", "")))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Drawings close their marks themselves: nothing opens."""

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop().tag != tag:
            pass

    def handle_data(self, data: str) -> None:
        marks = [opened.mark for opened in self.open if opened.mark is not None]
        for mark in marks:
            mark.text += data
        if not marks and re.search(r"\d", data) and not any(opened.exempt for opened in self.open):
            self.seen.unmarked.append(" ".join([*(opened.tag for opened in self.open[-3:]), data.strip()[:100]]))


def seen_on(html: str) -> Seen:
    """The marks of a page, and what has none."""
    walker = _Walker()
    walker.feed(html)
    walker.close()
    return walker.seen


class Stored:
    """results.json of the publication, and of the ones before it, whose numbers the page of releases shows too."""

    def __init__(self, results: Results, earlier: tuple[Results, ...] = ()) -> None:
        self.results = results
        self.estimates = [{e.id: e for e in one.estimates} for one in (results, *earlier)]

    def values(self, shown: Shown) -> list[Any]:
        """What results.json holds at the place that a mark names; empty where there is nothing."""
        found, field = self.results, shown.field
        if shown.source == "estimate":
            return [at(e[shown.id], field) for e in self.estimates if shown.id in e]
        if shown.source == "monitor":
            return [getattr(m, field) for m in found.monitor if f"{m.axis}/{m.sequence}" == shown.id]
        if shown.source == "ledger":
            if not shown.id:
                return [sum(getattr(entry, field) for entry in found.ledger.values())]
            entry = found.ledger.get(shown.id)
            why = field.removeprefix("reasons.")
            return [at(entry, field) if why == field or entry is None else entry.reasons.get(why)]
        if shown.source == "plan":
            return [at(row, field) for row in found.people_plan if row.task == shown.id]
        if shown.source == "axis":
            return [at(a, field) for a in found.axes if a.axis == shown.id]
        if shown.source == "results":
            return [getattr(found, field)]
        if shown.source == "assumption":
            return [at(one, field) for one in found.assumptions if one.id == shown.id]
        if shown.source == "judged":
            return [at(one, field) for one in found.judged_by if one.source == shown.id]
        if shown.source == "warning":
            return [getattr(w, field) for w in found.warnings if w.code == shown.id]
        return [CHOICES.get(field)] if shown.source == "choice" else []


def at(entry: Any, field: str) -> Any:
    """What stands under a dotted name: of an object, a mapping or a list; None where there is nothing."""
    for name in field.split("."):
        if entry is None:
            return None
        if isinstance(entry, dict):
            entry = entry.get(name)
        else:
            entry = entry[int(name)] if isinstance(entry, (list, tuple)) else getattr(entry, name, None)
    return entry


def wrong(seen: Seen, stored: Stored) -> list[str]:
    """The marks that do not say what results.json says, in one line each."""
    return [f"{m.source} {m.id} {m.field}: {m.text!r} ({m.value})" for m in seen.marked if not _agrees(m, stored)]


def wrong_on_index(seen: Seen, reports: Path) -> list[str]:
    """The same for the releases page, whose marks mean the results.json of the publication they stand in."""
    held: dict[str, Stored] = {}
    found = []
    for mark in seen.marked:
        place = mark.publication or next(m.publication for m in seen.marked if m.publication)  # a count has none
        if place not in held:
            raw = (reports / place).with_name("results.json").read_text(encoding="utf-8")
            held[place] = Stored(Results.model_validate_json(raw))
        found += wrong(Seen(marked=[mark]), held[place])
    return found


def _agrees(shown: Shown, stored: Stored) -> bool:
    if shown.source == "count":
        return shown.value is not None and shown.text.replace(",", "") == str(int(shown.value))
    held = stored.values(shown)
    if shown.value is None:
        return any(isinstance(text, str) and quotes(shown.text, text) for text in held)
    value = float(shown.value)
    return any(x is not None and float(x) == value for x in held) and printed(shown.text, value)


def printed(text: str, value: float) -> bool:
    """Whether `text` is `value` to the digits printed, with its sign or without, bare or in hundredths."""
    bare = text.replace("\u00a0", "").replace("%", "").replace(",", "").replace("−", "-")
    if bare.startswith("<"):
        return value < float(bare[1:])
    if bare.lstrip("-") == "∞":
        return abs(value) == float("inf")
    mantissa = bare.lower().partition("e")[0]
    half = 0.5 * 10.0 ** -len(mantissa.partition(".")[2]) * (1 + 1e-9)
    if "e" in bare.lower():
        half *= 10.0 ** int(bare.lower().partition("e")[2])
    shown = abs(float(bare))
    return any(abs(shown - abs(value) * factor) <= half + 1e-12 for factor in (1, 100))


def quotes(text: str, whole: str) -> bool:
    """Whether `text` is `whole`, or its end or its start up to the end of a clause."""
    said, held = (" ".join(x.replace("`", "").split()).rstrip(".") for x in (text, whole))
    if said == held:
        return True
    return held.endswith(tuple(f"{sign} {said}" for sign in ".:;")) or held.startswith(
        tuple(f"{said}{sign} " for sign in ".:;")
    )
