"""What does a CI server show of a run? The review as JUnit XML: a test case an axis, a finding and an alarm.

An axis fails where `--fail-on` makes the run fail for it, and is skipped where it was not measured. A finding beyond
its margin is listed whether or not it fails. A run that failed leaves a file too, so that nobody reads an older one.
"""

from __future__ import annotations

import datetime as dt
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from toolkit.errors import RunFailed
from toolkit.reporting import gate as gates
from toolkit.reporting.publish import write_atomically

Outcome = Literal["passed", "failure", "error", "skipped"]


@dataclass(frozen=True)
class Case:
    """One test case: what it is about, how it went, and the sentence that says why."""

    group: str
    name: str
    outcome: Outcome
    message: str
    kind: str = ""


def review_cases(results: Mapping[str, Any], fail_on: frozenset[str] | None, *, stale: bool = False) -> list[Case]:
    """The cases of results.json (plain JSON) under `fail_on`, which is that of the run: see gate."""
    asked = fail_on if fail_on is not None else gates.REGULATED_DEFAULT if gates.has_regulated(results) else frozenset()
    parts = (line.partition(": ") for line in gates.gate(results, fail_on).reached)
    reached = {name: why for name, _, why in parts}
    cases = [_axis(axis, reached) for axis in results["axes"]]
    for estimate in results["estimates"]:
        if estimate.get("verdict") == "act":
            counts = "act" in asked and not estimate.get("margin_provisional") and not _accepted(estimate)
            failed = counts and reached.get(estimate["axis"], "").startswith("act")
            outcome: Outcome = "failure" if failed else "passed"
            cases.append(Case("findings", str(estimate["id"]), outcome, _found(estimate), "act"))
    for state in results.get("monitor", []):
        if state.get("alarm"):
            failed = state["quantity"] in reached
            name = f"{state['quantity']} ({state.get('sequence', 'all')})"
            cases.append(Case("alarms", name, "failure" if failed else "passed", state["alarm"], "alarm"))
    if stale:
        why = "the log is older than expect_every of stream.toml allows"
        cases.append(Case("log", "age", "failure", why, "stale"))
    return cases


def junit_xml(stream: str, cases: Sequence[Case], properties: Mapping[str, str], *, seconds: float, when: str) -> str:
    """One suite in one document. when: start of the run, ISO 8601; only its seconds in UTC are written.

    What XML cannot hold (control characters, lone surrogates) becomes U+FFFD; all else is escaped.
    """
    counts = {
        "tests": str(len(cases)),
        "failures": str(sum(case.outcome == "failure" for case in cases)),
        "errors": str(sum(case.outcome == "error" for case in cases)),
        "skipped": str(sum(case.outcome == "skipped" for case in cases)),
        "time": f"{seconds:.3f}",
    }
    whole = ET.Element("testsuites", {"name": "streamreview", **{k: v for k, v in counts.items() if k != "skipped"}})
    suite = ET.SubElement(whole, "testsuite", {"name": _safe(stream), **counts, "timestamp": when[:19]})
    listed = ET.SubElement(suite, "properties")
    for name, value in properties.items():
        ET.SubElement(listed, "property", {"name": name, "value": _safe(value)})
    for case in cases:
        place = {"classname": f"{_safe(stream)}.{case.group}", "name": _safe(case.name), "time": "0.000"}
        element = ET.SubElement(suite, "testcase", place)
        if case.outcome == "passed":
            ET.SubElement(element, "system-out").text = _safe(case.message)
        elif case.outcome == "skipped":
            ET.SubElement(element, "skipped", {"message": _safe(case.message)})
        else:
            told = ET.SubElement(element, case.outcome, {"message": _safe(case.message), "type": case.kind})
            told.text = _safe(case.message)
    ET.indent(whole)
    return ET.tostring(whole, encoding="unicode", xml_declaration=False) + "\n"


def write_junit(path: Path, results: Mapping[str, Any], fail_on: frozenset[str] | None, *, stale: bool) -> None:
    """Write the review of results.json to `path`. Raises RunFailed where that cannot be written."""
    provenance = results["provenance"]
    start, end = (dt.datetime.fromisoformat(provenance[name]) for name in ("started", "finished"))
    properties = {
        "release": results["release"],
        "revision": str(results["revision"]),
        "look": str(results["look"]).lower(),
        "baseline": results.get("baseline") or "",
        "verdict": results["verdict"],
        "fingerprint": provenance["fingerprint"],
    }
    cases = review_cases(results, fail_on, stale=stale)
    when = start.astimezone(dt.UTC).isoformat()
    seconds = max(0.0, (end - start).total_seconds())
    _write(path, junit_xml(results["stream"], cases, properties, seconds=seconds, when=when))


def write_failure(path: Path, stream: str, message: str) -> None:
    """Write that the run failed, and why. Raises RunFailed where that cannot be written."""
    case = Case("run", "run", "error", message, "RunFailed")
    now = dt.datetime.now(dt.UTC).isoformat()
    _write(path, junit_xml(stream, [case], {"release": "", "baseline": ""}, seconds=0, when=now))


def _write(path: Path, text: str) -> None:
    try:
        write_atomically(path, '<?xml version="1.0" encoding="UTF-8"?>\n' + text)
    except OSError as error:
        raise RunFailed(f"--junit {path}: cannot be written ({error.strerror}); name another file") from None


def _axis(axis: Mapping[str, Any], reached: Mapping[str, str]) -> Case:
    outcome: Outcome = "passed"
    if axis["axis"] in reached:
        outcome = "failure"
    elif axis["verdict"] == "not measured":
        outcome = "skipped"
    message = f"{axis['verdict']}: {axis['sentence']}"
    return Case("axes", axis["axis"], outcome, message, axis["verdict"])


def _found(estimate: Mapping[str, Any]) -> str:
    value, low, high, margin = (_number(estimate.get(name)) for name in ("value", "low", "high", "margin"))
    provisional = ", provisional" if estimate.get("margin_provisional") else ""
    return f"{value} ({low} to {high}) {estimate['unit']}, beyond the margin of {margin}{provisional}"


def _accepted(estimate: Mapping[str, Any]) -> bool:
    """Whether stream.toml bears this finding today."""
    until = (estimate.get("accepted") or {}).get("until")
    return until is not None and dt.date.fromisoformat(until) >= dt.datetime.now(dt.UTC).date()


def _number(value: float | str | None) -> str:
    """A number of results.json, where infinity is a string and what is missing is null."""
    return f"{value:.4g}" if isinstance(value, (int, float)) else "none" if value is None else str(value)


def _safe(text: str) -> str:
    return "".join(c if c in "\t\n\r" or _in_xml(ord(c)) else "\ufffd" for c in str(text))


def _in_xml(code: int) -> bool:
    return 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF
