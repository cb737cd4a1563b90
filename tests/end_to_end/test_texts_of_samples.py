"""Texts of samples in a published report: those that may be shown are there, those of regulated tasks nowhere."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pyarrow.parquet as pq

NAME = "digits-under-change"


def _texts(stream: Path, *, regulated: bool) -> set[str]:
    """Texts of the samples of regulated tasks (here: inverted), or of the others."""
    found: dict[bool, set[str]] = {True: set(), False: set()}
    for path in sorted((stream / "samples").glob("*.jsonl")):
        for line in path.read_text().splitlines():
            row = json.loads(line)
            if row.get("text"):
                found[row["task"] == "inverted"].add(row["text"])
    return found[regulated] - found[not regulated]


def _published(folder: Path) -> str:
    """Everything that a publication says in words: pages, notebooks, JSON, Markdown, tables, and its cube's tables."""
    parts = []
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".parquet":
            parts.append(json.dumps(pq.read_table(path).to_pylist(), default=str))
        elif path.is_file():
            parts.append(path.read_text(encoding="utf-8"))
    return _plain("\n".join(parts))


def _plain(text: str) -> str:
    """Words as they were, one space between them: out of HTML, of JSON, of JSON inside JSON."""
    return " ".join(re.sub(r"\\+[nrt]", " ", html.unescape(text)).split())


def test_no_text_of_a_regulated_task_is_anywhere(demo) -> None:
    """By default; the same search finds texts of standard tasks, so it could have found these."""
    streams, reports = demo
    published = _published(reports / NAME / "2026.10")
    hidden = _texts(streams[1], regulated=True)
    assert len(hidden) > 100
    assert not [text for text in hidden if _plain(text) in published]
    shown = _texts(streams[1], regulated=False)
    assert sum(_plain(text) in published for text in sorted(shown)[::10]) > 10


def test_the_page_shows_a_few_and_escapes_them(demo) -> None:
    """Typical, alike and turned-away samples of the latest tasks, at most six a task."""
    _, reports = demo
    page = (reports / NAME / "2026.09" / "generation.html").read_text()
    assert "The two most alike" in page
    assert 2 <= page.count("<pre>") <= 18
