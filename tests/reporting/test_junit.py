"""Does a CI server see of a run what the run found, and is the file one that it can read?"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.reporting.support_results import as_stored, axis, judged, some_results
from toolkit.errors import RunFailed
from toolkit.reporting.gate import exit_code
from toolkit.reporting.junit import write_failure, write_junit
from toolkit.results import Estimate, Monitor

HOSTILE = "]]><failure/>&\x00\x1b\ud800\"'<!--\n"
NUMBER = re.compile(r"\d+(\.\d{3})?")


def checked(path: Path) -> ET.Element:
    """The suite, after all that the usual JUnit schema (Jenkins' xUnit plug-in) asks of a file."""
    raw = path.read_bytes()
    assert raw.startswith(b'<?xml version="1.0" encoding="UTF-8"?>')
    whole = ET.fromstring(raw)
    assert whole.tag == "testsuites"
    (suite,) = whole
    assert suite.tag == "testsuite"
    assert set(whole.attrib) == {"name", "tests", "failures", "errors", "time"}
    assert set(suite.attrib) == {"name", "tests", "failures", "errors", "skipped", "time", "timestamp"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", suite.attrib["timestamp"])
    assert [child.tag for child in suite] == ["properties"] + ["testcase"] * (len(suite) - 1)
    for entry in suite[0]:
        assert (entry.tag, set(entry.attrib), len(entry)) == ("property", {"name", "value"}, 0)
    cases = suite.findall("testcase")
    for case in cases:
        assert set(case.attrib) == {"classname", "name", "time"}
        assert [child.tag for child in case] in (["system-out"], ["skipped"], ["failure"], ["error"])
        for child in case:
            wanted = {"system-out": set(), "skipped": {"message"}}.get(child.tag, {"message", "type"})
            assert set(child.attrib) == wanted
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert int(suite.attrib[name]) == len(suite.findall(f"testcase/{tag}"))
    assert int(suite.attrib["tests"]) == len(cases)
    assert NUMBER.fullmatch(suite.attrib["time"])
    places = [(case.attrib["classname"], case.attrib["name"]) for case in cases]
    assert len(set(places)) == len(places)
    return suite


def outcomes(suite: ET.Element) -> dict[str, str]:
    """Name of each case with how it went."""
    return {case.attrib["name"]: case[0].tag for case in suite.findall("testcase")}


@pytest.mark.parametrize(
    ("fail_on", "axis_went", "finding_went"),
    [
        (None, "system-out", "system-out"),
        ({"act"}, "failure", "failure"),
        ({"watch"}, "system-out", "system-out"),
        ({"not measured"}, "system-out", "system-out"),
    ],
)
def test_a_failure_is_what_fail_on_names(
    fail_on: set[str] | None, axis_went: str, finding_went: str, tmp_path: Path
) -> None:
    """The file fails exactly where the run ends in 3; a finding within its margin is no case."""
    found, fine = judged("act", provisional=False), judged("healthy", provisional=False, task="a")
    results = as_stored(
        some_results(
            axis("act", headline=found.id),
            axis("not measured", name="alignment"),
            estimates=(found, fine),
            baseline="0",
        )
    )
    wanted = None if fail_on is None else frozenset(fail_on)
    write_junit(tmp_path / "deep/x.xml", results, wanted, stale=False)
    suite = checked(tmp_path / "deep/x.xml")
    missing = "failure" if fail_on == {"not measured"} else "skipped"
    assert outcomes(suite) == {"forgetting": axis_went, "alignment": missing, found.id: finding_went}
    properties = {p.attrib["name"]: p.attrib["value"] for p in suite[0]}
    assert (properties["release"], properties["baseline"], properties["verdict"]) == ("1", "0", "act")
    failed = int(suite.attrib["failures"]) > 0
    assert failed is (exit_code(results, wanted, stale=False) == 3)


def test_provisional_margins_and_what_is_not_required_fail_nothing(tmp_path: Path) -> None:
    guessed = judged("act", provisional=True)
    other = Estimate(quantity="agreement_gap", axis="alignment", value=-0.1, margin=0.02, verdict="act")
    results = as_stored(
        some_results(
            axis("act", headline=guessed.id),
            axis("act", name="alignment", required=False, headline=other.id),
            estimates=(guessed, other),
        )
    )
    write_junit(tmp_path / "x.xml", results, frozenset({"act"}), stale=False)
    assert set(outcomes(checked(tmp_path / "x.xml")).values()) == {"system-out"}


def test_alarms_and_a_stale_log(tmp_path: Path) -> None:
    """What alone can make a run end in 3 or 5 is a case too."""
    alarm = Monitor(
        quantity="backward_transfer", looks=3, n=1, sum=0, sumsq=0, items_sha="x", alpha_spent=0, alarm="Lost."
    )
    results = as_stored(some_results(axis("healthy"), monitor=(alarm,)))
    write_junit(tmp_path / "x.xml", results, frozenset({"alarm"}), stale=True)
    suite = checked(tmp_path / "x.xml")
    assert outcomes(suite) == {"forgetting": "system-out", "backward_transfer (all)": "failure", "age": "failure"}


def test_names_from_a_log_stay_text(tmp_path: Path) -> None:
    """Markup, control characters and lone surrogates neither break nor change the file."""
    found = judged("act", provisional=False, task=HOSTILE.replace("\ud800", ""))
    results = as_stored(some_results(axis("act", headline=found.id), estimates=(found,)))
    results["axes"][0]["sentence"] = results["stream"] = results["release"] = HOSTILE
    write_junit(tmp_path / "x.xml", results, frozenset({"act"}), stale=False)
    suite = checked(tmp_path / "x.xml")
    assert len(suite.findall("testcase")) == 2
    assert "]]><failure/>&\ufffd\ufffd\ufffd\"'<!--" in suite[1][0].attrib["message"]
    write_failure(tmp_path / "x.xml", HOSTILE, HOSTILE)
    assert len(checked(tmp_path / "x.xml")) == 2


def test_an_interval_without_an_end_is_written(tmp_path: Path) -> None:
    found = judged("act", provisional=False)
    stored = as_stored(some_results(axis("act"), estimates=(found,)))
    stored["estimates"][0] |= {"low": "-Infinity", "high": None}
    write_junit(tmp_path / "x.xml", stored, None, stale=False)
    assert "(-Infinity to none)" in (tmp_path / "x.xml").read_text()


def test_a_failed_run_is_an_error(tmp_path: Path) -> None:
    write_failure(tmp_path / "x.xml", "tickets", "transfer.ipynb: stopped; look there")
    suite = checked(tmp_path / "x.xml")
    assert suite[1][0].tag == "error"
    assert suite[1][0].attrib["message"] == "transfer.ipynb: stopped; look there"


def test_a_place_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RunFailed, match=r"--junit .*cannot be written") as error:
        write_failure(tmp_path / "file/x.xml", "s", "m")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(("until", "went"), [("2999-01-01", "system-out"), ("2000-01-01", "failure")])
def test_an_accepted_finding_passes_until_its_day_has_passed(until: str, went: str, tmp_path: Path) -> None:
    """Nothing while it is borne, though its axis fails for another; again afterwards."""
    borne, other = (judged("act", provisional=False, task=task) for task in "ab")
    stored = as_stored(some_results(axis("act", headline=other.id), estimates=(borne, other)))
    stored["estimates"][0]["accepted"] = {"by": "x", "why": "y", "until": until}
    write_junit(tmp_path / "x.xml", stored, frozenset({"act"}), stale=False)
    found = outcomes(checked(tmp_path / "x.xml"))
    assert (found[borne.id], found[other.id]) == (went, "failure")
