"""What could not be measured, what do the numbers rest on, and what do they not say?"""

from __future__ import annotations

from collections.abc import Sequence

from toolkit.figures.blocks import Block
from toolkit.figures.cells import Cell, name_view, plain_cell, said
from toolkit.language import Name, Quoted, clean, joined, quoted, wording_of
from toolkit.language import terms as terms_of
from toolkit.language.numbers import Number
from toolkit.results import Assumption, Estimate
from toolkit.results.said import Marked


def gaps(estimates: Sequence[Estimate], *, cheapest: Sequence[str] = ()) -> Block:
    """What was not measured, by reason, and what to log next.

    estimates: any; those with a value and an interval are passed over. Estimates that lack the same thing
    share a line. cheapest: what to log next, the cheapest first.
    """
    groups: dict[tuple[str, bool], list[Estimate]] = {}
    for estimate in estimates:
        if not estimate.measured or (not estimate.has_interval and estimate.reason):
            reason = (estimate.reason or "no reason was logged").strip().rstrip(".")
            groups.setdefault((reason, estimate.measured), []).append(estimate)
    items = []
    for (reason, valued), members in groups.items():
        titles = list(dict.fromkeys(wording_of(member.quantity).title for member in members))
        tasks = list(dict.fromkeys(member.task for member in members if member.task is not None))
        items.append(
            {
                "titles": said(joined(((Name(title),) for title in titles), ", "))["parts"],
                "told": ", ".join(titles),
                "tasks": [name_view(task) for task in tasks[:6]],
                "more": max(0, len(tasks) - 6),
                "reason": reason,
                "quoted": said((quoted(reason, members[0].id, "reason") if members[0].reason else reason,))["parts"],
                "valued": valued,
            }
        )
    lines = [f"{item['told']}: {item['reason']}" for item in items]
    text = "\n".join(["Not measured:", *(f"  {line}" for line in lines)]) if items else "Nothing is missing."
    return Block("gaps", {"items": items, "cheapest": list(cheapest)}, text)


def notes(
    holds: Sequence[str | Assumption] = (),
    unchecked: Sequence[str | Assumption] = (),
    doubtful: Sequence[str | Assumption] = (),
    not_established: Sequence[str] = (),
    terms: Sequence[str] = (),
) -> Block:
    """The foot of a page: assumptions that hold, could not be checked or are in doubt on this log, what the
    page does not establish, and the glossary of `terms` (quantity names or general terms).

    Raises KeyError for a term without a glossary entry.
    """
    entries = terms_of(terms)
    groups = [
        {"title": title, "tone": tone, "items": [_rests_on(item)["parts"] for item in items]}
        for title, tone, items in (
            ("In doubt on this log", "doubt", doubtful),
            ("Could not be checked", "open", unchecked),
            ("Checked, and holds", "holds", holds),
        )
        if items
    ]
    data = {
        "groups": groups,
        "not_established": list(not_established),
        "terms": [{"name": entry.name, "definition": entry.definition, "source": entry.source} for entry in entries],
    }
    lines = [
        f"{group['title']}: " + " ".join(plain_cell({"parts": item}) for item in group["items"]) for group in groups
    ]
    if not_established:
        lines.append("Not established: " + " ".join(not_established))
    return Block("notes", data, "\n".join(lines))


def _rests_on(item: str | Assumption) -> Cell:
    """An assumption, quoted, its numbers marked; a sentence of one's own as it is."""
    if isinstance(item, str):
        return said(clean(item))
    parts = tuple(
        Number(part.text, part.value, item.id, part.field, "assumption") if isinstance(part, Marked) else part
        for part in item.parts
    )
    return said((Quoted(parts, item.id, "sentence", "assumption"),))
