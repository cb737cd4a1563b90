"""What does a chat message or a pull request say of a report? Verdict, axes, people and a link, in Markdown.

Everything that comes from the log is escaped: a task cannot make a heading, a link, a mention or an image.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from toolkit.language import AXIS_TITLES, change, interval, level_text, reading, text_of, urgency
from toolkit.language.decisions import accepted_lines, axis_chip, changed_lines, since_line
from toolkit.language.markdown import escaped as _plain
from toolkit.language.numbers import Range
from toolkit.language.wordings import axis_place

if TYPE_CHECKING:
    from toolkit.results import AxisReview, Estimate, PlanRow, Results

_ADVICE = {"required": "people required", "review": "review", "watch": "keep a watch sample"}
_MOST_TASKS = 5


def summary_markdown(results: Results, *, url: str = "") -> str:
    """The review in at most a screenful of Markdown; `url`: where the report lies, empty where nobody can open it."""
    provenance = results.provenance.config
    low, high = provenance.get("score_range", (0.0, 1.0))
    kind = "look" if results.look else "release"
    head = f"# {_plain(results.title)}, {kind} {_plain(results.release)}: {results.verdict}"
    facts = [f"{results.measured} of {results.axes_total} axes measured"]
    facts.append(f"compared with {_plain(results.baseline)}" if results.baseline else "nothing to compare with")
    if results.stale:
        facts.append("**the log is stale**")
    lines = [head, "", _plain(results.sentence), "", f"{'; '.join(facts)}.", ""]
    lines += _axes(results.axes, results.estimates, (float(low), float(high)))
    lines += _decisions(results.axes)
    lines += _alarms(results)
    lines += _people(results.people_plan)
    if url:
        lines += ["", f"[The report]({url})"]
    return "\n".join(lines).rstrip() + "\n"


def report_url(public_url: str, results: Results) -> str:
    """The address of a publication below `public_url` of stream.toml; empty where that is empty."""
    if not public_url:
        return ""
    place = f"looks/{results.release}" if results.look else results.release
    revision = f"/r{results.revision}" if results.revision > 1 else ""
    return f"{public_url.rstrip('/')}/{results.stream}/{place}{revision}/index.html"


def _axes(axes: Sequence[AxisReview], estimates: Sequence[Estimate], score_range: Range) -> list[str]:
    by_id = {e.id: e for e in estimates}
    lines = ["| axis | verdict | estimate | change |", "|---|---|---|---|"]
    for axis in sorted(axes, key=lambda a: (urgency(a.verdict), axis_place(a.axis))):
        verdict = axis_chip(axis).text
        head = by_id.get(axis.headline or "")
        found, moved = (
            ("–", "–") if head is None else (_estimate(head, score_range), text_of(change(head, score_range)))
        )
        lines.append(f"| {AXIS_TITLES[axis.axis]} | {verdict} | {_plain(found)} | {_plain(moved or '–')} |")
    return lines


def _estimate(estimate: Estimate, score_range: Range) -> str:
    ends = text_of(interval(estimate, score_range))
    said = text_of(reading(estimate, score_range))
    return f"{said} ({level_text(estimate.level)} interval {ends})" if ends else said


def _decisions(axes: Sequence[AxisReview]) -> list[str]:
    """Since when an axis has to be acted on, what is accepted by whom, and what is read otherwise than before."""
    told = [
        (axis, text_of(parts))
        for axis in axes
        for parts in (since_line(axis), *accepted_lines(axis), *changed_lines(axis))
        if parts
    ]
    lines = [f"- {AXIS_TITLES[axis.axis]}: {_plain(text)}" for axis, text in told]
    return ["", "**Decisions**", "", *lines] if lines else []


def _alarms(results: Results) -> list[str]:
    raised = [m for m in results.monitor if m.alarm]
    if not raised:
        return []
    lines = ["", "**Alarms**", ""]
    for monitor in raised:
        borne = f", accepted until {monitor.accepted_until}" if monitor.accepted_until else ""
        lines.append(f"- {_plain(monitor.alarm or '')} ({'standing' if monitor.standing else 'new'}{borne})")
    return lines


def _people(plan: Sequence[PlanRow]) -> list[str]:
    if not plan:
        return []
    lines = ["", "**People**", ""]
    for row in plan[:_MOST_TASKS]:
        why = row.reasons[0] if row.reasons else row.why
        lines.append(f"- {_plain(row.task)}: {_ADVICE[row.advice]}, {row.labels} labels. {_plain(why)}")
    if len(plan) > _MOST_TASKS:
        lines.append(f"- and {len(plan) - _MOST_TASKS} more tasks")
    return lines
