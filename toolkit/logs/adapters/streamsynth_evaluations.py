"""What do StreamSynth's evaluations say: was the answer to each prompt JSON, and did it carry the label asked for?

`sample_id` is a place in a random choice of prompts, so an item is known by a hash of its prompt.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from toolkit.logs.adapters.account import Account
from toolkit.logs.adapters.base import Record, Row, evaluation
from toolkit.logs.adapters.numbers import number
from toolkit.logs.adapters.streamsynth_files import Found
from toolkit.logs.adapters.streamsynth_samples import parsed
from toolkit.logs.adapters.textids import ids_of

METRICS = ("valid_json", "label")


def rows(found: Found, stage: int, metric: str, account: Account) -> Iterator[Record]:
    """One row a prompt of the file."""
    entries = []
    for i, entry in enumerate(found.content["results"], 1):
        if isinstance(entry, dict) and isinstance(entry.get("prompt"), str) and "has_valid_json" in entry:
            entries.append(entry)
        else:
            account.left_out("answers", "without a prompt or has_valid_json", f"{found.where}, result {i}")
    valid = sum(bool(entry["has_valid_json"]) for entry in entries)
    told = number(found.content.get("valid_json_rate"))
    if entries and told is not None and not math.isclose(valid / len(entries), told, abs_tol=1e-9):
        account.warn(f"{found.where}: {valid} of {len(entries)} answers are JSON, but the file says {told:.4g}")
    for name, entry in zip(ids_of([entry["prompt"] for entry in entries]), entries, strict=True):
        place: Row = {
            "stage": stage,
            "task": found.task,
            "item": name,
            "seed": found.place.seed,
            "arm": found.place.arm,
        }
        if metric == "valid_json":
            yield evaluation(**place, score=float(bool(entry["has_valid_json"])))
            continue
        truth = _label(entry.get("expected_output"))
        if truth is None:
            account.left_out("answers", "whose expected label is not there", found.where)
            continue
        answer = entry.get("nli_label") or _label(entry.get("response"))
        said = answer if isinstance(answer, str) else None
        yield evaluation(**place, score=float(said == truth), answer=said, truth=truth)


def _label(text: object) -> str | None:
    """The label in a text that is JSON with an output, or a short text that is itself a label."""
    if not isinstance(text, str):
        return None
    content: Mapping[str, Any] | None = parsed(text)
    label = content.get("output") if content is not None else text if len(text) <= 80 and "{" not in text else None
    return label.strip().lower() if isinstance(label, str) and label.strip() else None
