"""Is every method's paper listed, and every line of the calibration that is named there?"""

from __future__ import annotations

import re

from tests.docs.pages import DOCS

TEXT = (DOCS / "methods.md").read_text(encoding="utf-8")
BODY, SOURCES = TEXT.split("\n## Sources\n")
LISTED = re.findall(r"^- ([A-Z][\w-]+)[^(]*\((\d{4})\)", SOURCES, re.MULTILINE)
CITED = re.findall(
    r"\b([A-Z][\w-]+)(?:'s)?(?:, [A-Z]\w+)*(?: et al\.| & [A-Z]\w+)? \(?(\d{4})\b", " ".join(BODY.split())
)


def test_every_paper_that_is_cited_is_listed() -> None:
    assert len(CITED) > 40
    assert set(CITED) - set(LISTED) == set()


def test_a_listed_paper_is_used_by_its_name() -> None:
    assert [name for name, _ in LISTED if name not in BODY] == []


def test_methods_are_measured_by_lines_of_the_calibration() -> None:
    table = TEXT.split("## Assumptions")[1].split("## Planning")[0]
    rows = [line.split("|")[3] for line in table.splitlines() if line.startswith("| ") and "`" in line.split("|")[3]]
    measured = set(
        re.findall(r"^\| `([a-z0-9-]+)`", (DOCS / "calibration.md").read_text(encoding="utf-8"), re.MULTILINE)
    )
    named = {name for row in rows for name in re.findall(r"`([a-z0-9-]+)`", row)}
    assert len(rows) == 15
    assert named - measured == set()
