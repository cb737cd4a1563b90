"""Who is told of a run, when, and in which words? Sends the report's summary through Apprise.

The address is a secret: it is kept out of requests, results, logs and messages, and what Apprise or a library below
it would log while it sends is dropped. A notification that fails is one line; it never fails a run.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from toolkit.errors import UsageError
from toolkit.reporting.history import read_history
from toolkit.reporting.layout import Layout
from toolkit.reporting.request import Answer

WHEN = ("change", "failure", "always")
_FROM_ENVIRONMENT = "env:"
_LONGEST = 1800  # characters: Discord takes 2,000, most others more
_MORE = "… (more in the report)"


@dataclass(frozen=True)
class Message:
    """What is sent: a title and a body, in Markdown or as plain text."""

    title: str
    body: str
    markdown: bool = True


@dataclass(frozen=True)
class Notifier:
    """Where notifications go (secret, never shown) and on what: see `WHEN`."""

    addresses: tuple[str, ...] = field(repr=False)
    on: str = "change"
    problems: tuple[str, ...] = ()

    def after(self, answer: Answer, reports: Path) -> list[str]:
        """Tell of a run that was published or up to date; returns notes, one line each."""
        if not self.addresses and not self.problems:
            return []
        return self._send(told(answer)) if self._wanted(answer, reports) else list(self.problems)

    def failed(self, stream: str, error: str) -> list[str]:
        """Tell of a run that failed, whatever `on` says; returns notes, one line each."""
        if not self.addresses:
            return list(self.problems)
        return self._send(Message(f"{stream}: the run failed", _cut(error, ""), markdown=False))

    def _wanted(self, answer: Answer, reports: Path) -> bool:
        if self.on == "always":
            return True
        if self.on == "failure":
            return answer.code != 0
        return is_change(answer, reports)

    def _send(self, message: Message) -> list[str]:
        sent = send(self.addresses, message)
        failures = [f"notification {place}: {why}" for place, why in enumerate(sent, 1) if why]
        return [*self.problems, *failures]


def notifier(wanted: Sequence[str], on: str | None) -> Notifier:
    """A notifier for the values of --notify: addresses, or `env:NAME` for one in an environment variable.

    A variable that is not set becomes a note of the run. Raises UsageError for an unknown `on`.
    """
    on = on or "change"
    if on not in WHEN:
        raise UsageError(f"--notify-on: unknown {on!r}; use one of {', '.join(WHEN)}")
    addresses, problems = [], []
    for value in wanted:
        name = value.removeprefix(_FROM_ENVIRONMENT)
        if name == value:
            addresses.append(value)
        elif given := os.environ.get(name):
            addresses.append(given)
        else:
            problems.append("not notified: a variable named by --notify env: is not set; set it for whoever runs this")
    return Notifier(tuple(addresses), on, tuple(problems))


@contextmanager
def kept_from_kernels(addresses: Sequence[str]) -> Iterator[None]:
    """Hide variables that hold one of the addresses for the block, so that no notebook can print them."""
    hidden = {name: value for name, value in os.environ.items() if value in addresses}
    for name in hidden:
        del os.environ[name]
    try:
        yield
    finally:
        os.environ.update(hidden)


def is_change(answer: Answer, reports: Path) -> bool:
    """Whether the verdict, or whether the log is stale, is another than at the publication before; so is a first.

    A release does not change by growing old: that its log is stale is told at every run.
    """
    history = read_history(Layout(reports.absolute()), answer.stream)
    if answer.up_to_date:
        this = next((p for p in history.published if p.folder.resolve() == answer.folder.resolve()), None)
        return answer.stale and this is not None and not this.content.get("stale", False)
    before = history.preceding(answer.folder)
    if before is None:
        return True
    return (before.content.get("verdict"), before.content.get("stale", False)) != (answer.verdict, answer.stale)


def told(answer: Answer) -> Message:
    """The stored summary, cut to what services take, with the link kept; a stale log is said first."""
    try:
        lines = (answer.folder / "summary.md").read_text(encoding="utf-8").rstrip().splitlines()
    except OSError:
        lines = [f"# {answer.stream}, {answer.release}: {answer.verdict}", "", answer.sentence]
    link = lines.pop() if len(lines) > 1 and lines[-1].startswith("[The report](") else ""
    stale = "**The log is older than this stream allows.**\n\n" if answer.stale else ""
    return Message(lines[0].removeprefix("# "), _cut(stale + "\n".join(lines[1:]).strip(), link))


def send(addresses: Sequence[str], message: Message) -> list[str]:
    """Send to each address; for each an empty string, or why it was not sent (never the address)."""
    try:
        from apprise import Apprise, NotifyFormat
    except ImportError:
        return ["not sent, for Apprise is not installed; pip install 'streamreview[notify]'"] * len(addresses)
    found = []
    with _silence():
        for address in addresses:
            try:
                service = Apprise()
                if not service.add(address):
                    found.append("not sent, for Apprise does not know this kind of address; see its list of services")
                    continue
                body_format = NotifyFormat.MARKDOWN if message.markdown else NotifyFormat.TEXT
                done = service.notify(body=message.body, title=message.title, body_format=body_format)
                found.append("" if done else "not sent, for the service could not be reached or refused it")
            except Exception as error:  # a service's own code; what it says may hold the address
                found.append(f"not sent ({type(error).__name__}); try the address with the apprise command")
    return found


def _cut(body: str, link: str) -> str:
    """Whole lines up to what services take, then the link."""
    room = _LONGEST - len(link) - len(_MORE) - 4
    if len(body) > room:
        kept = body[: room + 1]
        body = (kept[: kept.rfind("\n")] if "\n" in kept else kept[:room]).rstrip() + f"\n\n{_MORE}"
    return f"{body}\n\n{link}".rstrip()


@contextmanager
def _silence() -> Iterator[None]:
    """Drop what is logged or warned meanwhile: addresses stand in it."""
    import warnings

    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
