"""How notebooks hand over what they found: one JSON file a notebook, gathered into the results of the release."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from toolkit.cube import load_cube
from toolkit.errors import RunFailed
from toolkit.language import clean
from toolkit.results import Assumption, Estimate, Monitor, Notice, Provenance, Results
from toolkit.review.family import with_headline_family
from toolkit.review.raters import judged_by
from toolkit.review.sheet import Sheet

SUMMARY = "summary"


class Part(BaseModel):
    """What one notebook found; the summary's has the sheet and the sequences behind the alarms."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    part: str
    estimates: tuple[Estimate, ...] = ()
    notices: tuple[Notice, ...] = ()
    sheet: Sheet | None = None
    monitor: tuple[Monitor, ...] = ()
    assumptions: tuple[Assumption, ...] = ()


def save_part(folder: Path, part: Part) -> Path:
    """Write a part as `<part>.json`, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{part.part}.json"
    draft = path.with_suffix(".draft")
    draft.write_text(part.model_dump_json(indent=1), encoding="utf-8")
    return draft.replace(path)


def load_parts(folder: Path) -> tuple[Part, ...]:
    """All parts in a folder, by name. Raises RunFailed naming a part that is damaged."""
    return tuple(_load(path) for path in sorted(folder.glob("*.json")))


def _load(path: Path) -> Part:
    try:
        return Part.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError) as error:
        first = " ".join(str(error).split())[:200]
        raise RunFailed(
            f"{path.name}: this part of the results cannot be read ({first}); run its notebook again"
        ) from None


def gathered(parts: Iterable[Part]) -> tuple[tuple[Estimate, ...], tuple[Notice, ...]]:
    """Estimates and notices of all parts, the headlines' p-values adjusted for each other.

    Two estimates of one id are an error of the notebooks.
    """
    estimates: dict[str, Estimate] = {}
    notices: dict[tuple[str, str], Notice] = {}
    for part in parts:
        for estimate in part.estimates:
            if estimate.id in estimates:
                raise RunFailed(f"{part.part}: the estimate {estimate.id} was written twice; save it in one notebook")
            estimates[estimate.id] = estimate
        notices |= {(notice.code, notice.message): notice for notice in part.notices}
    return with_headline_family(tuple(estimates.values())), tuple(notices.values())


def assemble(
    parts: Path,
    *,
    cube: Path,
    release: str,
    look: bool,
    revision: int,
    baseline: str | None,
    provenance: Provenance,
    stale: bool = False,
) -> Results:
    """The results of a release from the parts that its notebooks wrote.

    Raises RunFailed with the part that is missing or invalid.
    """
    found = {part.part: part for part in load_parts(parts)}
    summary = found.get(SUMMARY)
    if summary is None or summary.sheet is None:
        raise RunFailed("summary.json: the review sheet is missing; run the notebook summary again")
    estimates, notices = gathered(found.values())
    stored = load_cube(cube)
    sheet = summary.sheet
    return Results(
        stream=stored.config.name,
        title=clean(stored.config.shown_title),
        release=release,
        look=look,
        revision=revision,
        baseline=baseline,
        stale=stale,
        verdict=sheet.verdict,
        sentence=sheet.sentence,
        measured=sheet.measured,
        provenance=provenance,
        ledger=stored.meta.ledger,
        axes=sheet.axes,
        people_plan=sheet.people_plan,
        estimates=estimates,
        monitor=summary.monitor,
        warnings=(*stored.meta.notices, *notices),
        assumptions=tuple(one for part in found.values() for one in part.assumptions),
        judged_by=judged_by(stored),
    )
