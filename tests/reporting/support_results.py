"""Results with chosen verdicts, for tests of what is done with them."""

from __future__ import annotations

import json
from typing import Any

from toolkit.results import AxisReview, Estimate, Monitor, Provenance, Results, Verdict


def some_results(
    *axes: AxisReview,
    estimates: tuple[Estimate, ...] = (),
    regulated: bool = False,
    monitor: tuple[Monitor, ...] = (),
    **more: Any,
) -> Results:
    """Valid results around the given axes and estimates."""
    tasks = [{"name": "a", "risk": "regulated" if regulated else "standard"}]
    provenance = Provenance(
        started="2026-11-23T00:00:00+00:00",
        finished="2026-11-23T00:01:00+00:00",
        operator="someone",
        toolkit="0.1.0",
        python="3.11.7",
        packages={},
        engine="duckdb",
        inputs=(),
        fingerprint="f" * 64,
        config={"name": "tickets", "tasks": tasks, **more.pop("config", {})},
        models={},
        random_seed=0,
    )
    given = {
        "stream": "tickets",
        "title": "Tickets",
        "release": "1",
        "verdict": "act",
        "sentence": "s",
        "measured": 1,
    }
    return Results(**(given | more), provenance=provenance, ledger={}, axes=axes, estimates=estimates, monitor=monitor)


def axis(
    verdict: Verdict, *, name: str = "forgetting", required: bool = True, headline: str | None = None
) -> AxisReview:
    """One axis with a verdict."""
    return AxisReview.model_validate(
        {"axis": name, "required": required, "verdict": verdict, "headline": headline, "sentence": "s"}
    )


def judged(verdict: Verdict, *, provisional: bool, task: str | None = None) -> Estimate:
    """An estimate of forgetting with a verdict by a chosen or a provisional margin."""
    return Estimate(
        quantity="backward_transfer",
        axis="forgetting",
        task=task,
        value=-0.1,
        margin=0.02,
        margin_provisional=provisional,
        verdict=verdict,
    )


def as_stored(results: Results) -> dict[str, Any]:
    """What results.json holds, as plain JSON."""
    stored: dict[str, Any] = json.loads(results.model_dump_json())
    return stored
