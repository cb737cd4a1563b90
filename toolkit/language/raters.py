"""Who says so: how are people, judges and rules named that a number rests on?"""

from __future__ import annotations

from collections.abc import Sequence

from toolkit.language.names import short
from toolkit.language.numbers import Number, digits
from toolkit.language.pieces import Name, Part, Parts, joined, tally
from toolkit.results import JudgedBy

_ONE = {"human": ("person", "people"), "synthetic": ("judge", "judges"), "rule": ("rule", "rules")}
_NAMED = 3


def judging(found: Sequence[JudgedBy]) -> Parts:
    """All who judged: "3 people (240 judgements), 1 judge (judge-a; 5,760 judgements)"; empty without any."""
    return joined((_of(one) for one in found), ", ")


def _of(one: JudgedBy) -> Parts:
    single, many = _ONE[one.source]
    names: list[Part] = []
    for name in one.names[:_NAMED]:
        names += [", "] if names else []
        names.append(Name(short(name), full=name))
    more: Parts = (" and ", tally(len(one.names) - _NAMED, "raters"), " more") if len(one.names) > _NAMED else ()
    given = "judgement" if one.judgements == 1 else "judgements"
    return (
        _count(one, "raters"), f" {single if one.raters == 1 else many} (", *names, *more, *(("; ",) if names else ()),
        _count(one, "judgements"), f" {given})",
    )  # fmt: skip


def _count(one: JudgedBy, field: str) -> Number:
    count = int(getattr(one, field))
    return Number(digits(count, 0), count, one.source, field, "judged")
