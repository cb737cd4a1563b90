"""`streamreview run --config streams.toml` and `--from REPORT`: many streams; an old report's numbers again."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from toolkit.cli.show import say, table
from toolkit.reporting.many import DIGEST, Outcome, run_many, worst
from toolkit.reporting.streams_file import load_streams

_ENDS = {0: "done", 1: "failed", 2: "wrong usage", 3: "verdict reached", 4: "log rejected", 5: "log is old", 6: "held"}
_HEADER = ("stream", "release", "verdict", "measured", "ended", "why")


def many(config: Path) -> int:
    """Run the streams of `config`, say how each ended, write digest.md beside the index; the worst exit code."""
    from toolkit.reporting.lock import cannot_write
    from toolkit.reporting.publish import write_atomically

    streams = load_streams(config)
    outcomes = run_many(streams, config.absolute().parent, lambda o: say(f"{o.stream.name}: {_end(o)}"))
    rows = [row(outcome) for outcome in outcomes]
    table("Digest", _HEADER, rows)
    try:
        write_atomically(streams.out / DIGEST, digest(outcomes, streams.out))
    except OSError as error:
        raise cannot_write(streams.out, error) from None
    say(f"Digest: {streams.out / DIGEST}")
    return worst([outcome.code for outcome in outcomes])


def rerun(report: Path, *, jobs: int, timeout: float) -> int:
    """Analyse a published report's stored cube again; each number that differs, and exit code 1 where one does."""
    from toolkit.cli.show import progress
    from toolkit.reporting.rerun import rerun as analyse_again

    with progress() as live:
        found = analyse_again(report, jobs=jobs or os.cpu_count() or 1, timeout=timeout, progress=live)
    if found.differences:
        rows = [(d.id, d.field, str(d.published), str(d.now)) for d in found.differences]
        table("Differences", ("id", "field", "published", "now"), rows)
        say(f"{found.numbers} numbers, {len(found.differences)} entries differ")
        return 1
    say(f"{found.numbers} numbers, none differs")
    return 0


def row(outcome: Outcome) -> tuple[str, ...]:
    """One stream's line of the table."""
    found = outcome.results or {}
    measured = f"{found['measured']} of {len(found['axes'])}" if found else ""
    name = str(found.get("stream", outcome.stream.name))
    why = outcome.said or str(found.get("sentence", ""))
    return name, str(found.get("release", "")), str(found.get("verdict", "")), measured, _end(outcome), why


def digest(outcomes: Sequence[Outcome], out: Path) -> str:
    """The table in Markdown, the stream's name leading to its page."""
    lines = ["# Digest", "", _line(_HEADER), _line(["---"] * len(_HEADER))]
    for outcome in outcomes:
        name, *others = map(_escaped, row(outcome))
        if outcome.page is not None:
            name = f"[{name}](<{os.path.relpath(outcome.page, out)}>)"
        lines.append(_line([name, *others]))
    return "\n".join(lines) + "\n"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escaped(text: str) -> str:
    """Text of any origin as text: nothing in it is Markdown or HTML."""
    from toolkit.reporting.notebooks import one_line

    shown = "".join(f"&#{ord(c)};" if c in "\\`*_[]<>|~&@" else c for c in one_line(text))
    return shown.replace("://", "&#58;//").replace("www.", "www&#46;")  # would become links by themselves


def _end(outcome: Outcome) -> str:
    return f"{_ENDS.get(outcome.code, 'failed')} ({outcome.code})"
