"""How are samples shown to the reader: escaped, few, short, and each with why it is here?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from toolkit.figures.blocks import Block
from toolkit.figures.cells import name_view, said
from toolkit.language import Name, clean, clean_lines, joined

_TITLES = {"typical": "Typical", "most alike": "The two most alike", "rejected": "Turned away"}


class Sample(Protocol):
    """What is shown of a sample: its text, why it is shown, its place, the label asked for and the one found."""

    @property
    def why(self) -> str: ...  # noqa: D102
    @property
    def task(self) -> str: ...  # noqa: D102
    @property
    def stage(self) -> int: ...  # noqa: D102
    @property
    def text(self) -> str: ...  # noqa: D102
    @property
    def asked(self) -> str | None: ...  # noqa: D102
    @property
    def found(self) -> str | None: ...  # noqa: D102


def samples(shown: Sequence[Sample], *, reason: str = "") -> Block:
    """Samples by task and by why they are shown. reason: why there are none; it stands in their place."""
    groups: dict[tuple[str, int], dict[str, list[dict[str, Any]]]] = {}
    for one in shown:
        parts = groups.setdefault((one.task, one.stage), {})
        parts.setdefault(_TITLES.get(one.why, clean(one.why)), []).append(_view(one))
    tasks = [
        {"task": name_view(task), "stage": stage, "parts": [{"title": t, "texts": v} for t, v in parts.items()]}
        for (task, stage), parts in groups.items()
    ]
    lines = [f"{one.task}, {one.why}: {clean(one.text)}" for one in shown]
    return Block("samples", {"tasks": tasks, "reason": reason}, "\n".join(lines) or f"No samples shown: {reason}.")


def _view(one: Sample) -> dict[str, Any]:
    known = [(verb, label) for verb, label in (("asked for ", one.asked), ("found ", one.found)) if label is not None]
    labels = said(joined(((verb, Name(clean(label))) for verb, label in known), ", "))["parts"]
    wrong = one.asked is not None and one.found is not None and one.asked != one.found
    return {"text": clean_lines(one.text), "labels": labels, "wrong": wrong}
