"""`streamreview run`: publishes a report and says in a few lines what it found and where it lies."""

from __future__ import annotations

import os
from pathlib import Path

from toolkit.cli.show import progress, say, warn
from toolkit.reporting.request import Answer, Request


def run(
    *,
    stream: Path,
    release: str | None,
    baseline: str | None,
    reports: Path,
    jobs: int,
    fail_on: str | None,
    template: Path | None,
    timeout: float,
    force: bool,
) -> int:
    """Run the request and return its exit code: 0, or 3 and 5 with a line on stderr that says why."""
    from toolkit.reporting.gate import parse_fail_on
    from toolkit.reporting.pipeline import run as publish

    request = Request(
        stream=stream,
        reports=reports,
        release=release,
        baseline=baseline,
        jobs=jobs or os.cpu_count() or 1,
        timeout=timeout,
        fail_on=parse_fail_on(fail_on),
        template=template,
        force=force,
    )
    with progress() as live:
        answer = publish(request, live)
    tell(answer)
    return answer.code


def tell(answer: Answer) -> None:
    """What a run found: verdict, sentence and place on stdout; what makes its exit code on stderr."""
    name = f"{answer.stream}, {'look' if answer.look else 'release'} {answer.release}"
    if answer.revision > 1:
        name += f", revision {answer.revision}"
    say(f"{'Up to date' if answer.up_to_date else 'Published'}: {name}")
    say(f"Verdict: {answer.verdict}. {answer.sentence}")
    say(f"Page: {answer.folder / 'index.html'}")
    for line in (*answer.gate.not_counted, *answer.notes):
        say(f"Note: {line}")
    if answer.stale:
        warn(f"{name}: the log is older than expect_every of stream.toml allows; see whether the pipeline still logs")
    elif answer.gate.reached:
        warn(f"{name}: {'; '.join(answer.gate.reached)}")
