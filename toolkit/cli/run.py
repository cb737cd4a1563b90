"""`streamreview run`: publishes a report and says in a few lines what it found and where it lies."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from toolkit.cli.show import progress, say, warn
from toolkit.errors import UsageError
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
    memory: str | None = None,
    engine: str = "duckdb",
    junit: Path | None = None,
    notify: Sequence[str] = (),
    notify_on: str | None = None,
) -> int:
    """Run the request and return its exit code: 0, or 3 and 5 with a line on stderr that says why.

    junit: a file for a CI server. notify, notify_on: see toolkit.reporting.notify; addresses go no further.
    """
    from toolkit.cli.outcome import tell_others, telling_of_failure
    from toolkit.reporting.gate import parse_fail_on
    from toolkit.reporting.notify import kept_from_kernels, notifier
    from toolkit.reporting.pipeline import run as publish

    request = Request(
        stream=stream,
        reports=reports,
        release=release,
        baseline=baseline,
        jobs=jobs or os.cpu_count() or 1,
        timeout=timeout,
        memory=parse_memory(memory),
        fail_on=parse_fail_on(fail_on),
        template=template,
        force=force,
        engine=engine,
    )
    others = notifier(notify, notify_on)
    with telling_of_failure(stream, junit, others):
        with kept_from_kernels(others.addresses), progress() as live:
            answer = publish(request, live)
        tell(answer)
        tell_others(answer, request, junit, others)
    return answer.code


def parse_memory(text: str | None) -> int | None:
    """`4G` or `512M` in bytes (powers of 1024), None where nothing was said. Raises UsageError.

    Below 256 MB no notebook's libraries can be loaded.
    """
    if text is None:
        return None
    match = re.fullmatch(r"(\d{1,6}(?:\.\d+)?)([MG])B?", text.strip().upper())
    size = int(float(match[1]) * 2 ** {"M": 20, "G": 30}[match[2]]) if match else 0
    if size < 2**28:
        raise UsageError(f"--memory {text[:40]!a}: give at least 256M, as in 512M or 4G")
    return size


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
