"""Who else hears how a run ended? The CI server's file of --junit, and those of --notify."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from toolkit.cli.show import say
from toolkit.errors import StreamBusy, StreamReviewError
from toolkit.reporting.notify import Notifier
from toolkit.reporting.request import Answer, Request


@contextmanager
def telling_of_failure(stream: Path, junit: Path | None, notifier: Notifier) -> Iterator[None]:
    """Tell of an error that ends the block, and let it pass; that another run holds the stream is none."""
    try:
        yield
    except StreamBusy:
        raise
    except Exception as error:
        message = str(error) if isinstance(error, StreamReviewError) else f"{type(error).__name__}: {error}"
        _tell_of_failure(stream, junit, notifier, message)
        raise


def tell_others(answer: Answer, request: Request, junit: Path | None, notifier: Notifier) -> None:
    """Write the file, send the notification; what could not be sent is a note. RunFailed for the file."""
    if junit is not None:
        from toolkit.reporting.junit import write_junit

        results = json.loads((answer.folder / "results.json").read_bytes())
        write_junit(junit, results, request.fail_on, stale=answer.stale)
    for line in notifier.after(answer, request.reports):
        say(f"Note: {line}")


def _tell_of_failure(stream: Path, junit: Path | None, notifier: Notifier, message: str) -> None:
    name = stream.absolute().name
    with suppress(StreamReviewError):
        from toolkit.logs.config import load_config

        name = load_config(stream).name
    if junit is not None:
        from toolkit.reporting.junit import write_failure

        with suppress(StreamReviewError):
            write_failure(junit, name, message)
    for line in notifier.failed(name, message):
        say(f"Note: {line}")
