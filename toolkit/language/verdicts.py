"""How is a verdict named: the chip's words, its shape, and its place in order of urgency?"""

from __future__ import annotations

from dataclasses import dataclass

from toolkit.results import Axis, Finding, Verdict

URGENCY: tuple[Verdict, ...] = ("act", "watch", "unclear", "healthy", "not measured")

_SHAPES: dict[Verdict, str] = {
    "act": "triangle",
    "watch": "diamond",
    "unclear": "half",
    "healthy": "disc",
    "not measured": "ring",
}


@dataclass(frozen=True)
class Chip:
    """A verdict for the eye: its words, the shape before them, and the class that colours it.

    The word and the shape say everything; colour repeats them.
    """

    text: str
    shape: str
    tone: str


def chip(verdict: Verdict, finding: Finding | None = None, *, axis: Axis | None = None, standing: bool = False) -> Chip:
    """The chip of a verdict; "healthy" adds what was found, a standing alarm says so."""
    text = verdict.capitalize()
    if verdict == "healthy":
        text += _healthy_addition(finding, axis)
    if standing:
        text += ", standing"
    return Chip(text, _SHAPES[verdict], verdict.replace(" ", "-"))


def urgency(verdict: Verdict) -> int:
    """0 for what comes first: act, watch, unclear, healthy, and last what was not measured."""
    return URGENCY.index(verdict)


def _healthy_addition(finding: Finding | None, axis: Axis | None) -> str:
    if finding == "better":
        return ", better"
    if finding == "no material change":
        return ", no material change"
    if finding == "worse":
        return ", slightly worse"
    return ", no benefit seen" if finding == "unclear" and axis == "transfer" else ""
