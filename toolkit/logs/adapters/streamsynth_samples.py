"""What do StreamSynth's synthesised samples say, whose labels the code overwrites by the ones it asked for?

What the model itself answered stands in the raw output; where that is missing, no label is claimed for it. The ids
the code gives are places in a run that can be resumed, so a sample is known by a hash of its text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from toolkit.logs.adapters.account import Account
from toolkit.logs.adapters.base import Record, sample
from toolkit.logs.adapters.streamsynth_files import Found
from toolkit.logs.adapters.textids import ids_of

_FAILED = re.compile(r"(PARSE_FAIL_RAW|GEN_FAIL|RAW_OUTPUT_[A-Z_]+): ?")


def rows(found: Found, stage: int, account: Account) -> Iterator[Record]:
    """One row a sample of the file."""
    entries = []
    for i, entry in enumerate(found.content, 1):
        if isinstance(entry, dict) and isinstance(entry.get("input"), str):
            entries.append(entry)
        else:
            account.left_out("samples", "without an input", f"{found.where}, entry {i}")
    overwritten = without = 0
    for name, entry in zip(ids_of([entry["input"] for entry in entries]), entries, strict=True):
        more = _part(entry, "metadata")
        raw = entry.get("raw_generation", more.get("raw_output"))
        said = parsed(raw) if isinstance(raw, str) else None
        label = said.get("output") if said is not None else None
        target = _text(entry.get("target_label", more.get("target_label", entry.get("output"))))
        failed = bool(_FAILED.match(entry["input"])) or "error" in entry
        without += raw is None and not failed
        overwritten += isinstance(label, str) and label.strip() != target
        yield sample(
            stage=stage,
            task=found.task,
            sample=name,
            seed=found.place.seed,
            arm=found.place.arm,
            origin="synthetic",
            target_label=target,
            parsed_label=label.strip() if isinstance(label, str) else None,
            parse_ok=False if failed else None if raw is None else said is not None,
            text=None if failed else entry["input"],
            **_attributes(_part(entry, "attributes") or _part(more, "attribute_combination")),
        )
    if overwritten:
        account.warn(
            f"{found.where}: {overwritten:,} samples carry another label in their raw output than the file says, "
            "which is the one asked for; the raw one is taken"
        )
    account.left_out(
        "labels", "overwritten by the label asked for, and the raw output is not there", found.where, without
    )


def parsed(text: str) -> Mapping[str, Any] | None:
    """The JSON object in a model's answer that has input and output; None where there is none."""
    text = text.split("</think>", 1)[-1]
    start, end = text.find("{"), text.rfind("}")
    try:
        content = json.loads(text[start : end + 1]) if 0 <= start < end else None
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) and {"input", "output"} <= content.keys() else None


def first_time(content: Sequence[Any]) -> str:
    """When the first sample of a file was made, as it says; empty where none does."""
    times = []
    for entry in content:
        if isinstance(entry, dict):
            more = entry.get("metadata")
            told = entry.get("timestamp") or (more.get("timestamp") if isinstance(more, dict) else None)
            times += [told] if isinstance(told, str) else []
    return min(times, default="")


def _part(entry: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = entry.get(name)
    return part if isinstance(part, dict) else {}


def _attributes(attributes: Mapping[str, Any]) -> dict[str, str]:
    names = {name: re.sub(r"\W+", "_", str(name)).strip("_").lower() for name in attributes}
    return {f"attr_{names[name]}": str(value) for name, value in attributes.items() if names[name]}


def _text(value: object) -> str | None:
    return value.strip() if isinstance(value, str) and value.strip() else None
