"""Is the right one told of the right runs, once, in words a service takes, and does the address stay secret?"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.reporting.support import write_notebook, write_report_notebooks, write_stream
from toolkit.cli import main
from toolkit.errors import UsageError
from toolkit.reporting.gate import Gate
from toolkit.reporting.notify import Message, kept_from_kernels, notifier, send, told
from toolkit.reporting.request import Answer

SECRET = "s3cr3t-t0ken"  # noqa: S105


class Mailbox(ThreadingHTTPServer):
    """A service on this machine that keeps what it is sent, or refuses it."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.got: list[dict[str, str]] = []
        self.status = 200

    @property
    def address(self) -> str:
        """What Apprise takes for it."""
        return f"json://user:{SECRET}@127.0.0.1:{self.server_address[1]}/{SECRET}"


class Handler(BaseHTTPRequestHandler):
    """Keeps each posted document."""

    server: Mailbox

    def do_POST(self) -> None:
        self.server.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with Mailbox() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stream and quick notebooks, one of which prints its whole environment."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    write_stream(tmp_path / "stream", toml='public_url = "https://e.org/r"\nexpect_every = "2d"')
    books = write_report_notebooks(tmp_path / "notebooks", "import os\nprint(dict(os.environ))")
    monkeypatch.setattr("toolkit.resources.notebooks_folder", lambda: books)
    return tmp_path


def order(place: Path, *more: str) -> list[str]:
    return ["run", str(place / "stream"), "--out", str(place / "reports"), *more]


def no_trace(place: Path, captured: pytest.CaptureFixture[str]) -> str:
    """Everything that a run wrote, on screen and disk, is free of the secret; what it printed."""
    shown = captured.readouterr()
    assert SECRET not in shown.out + shown.err
    for path in place.rglob("*"):
        assert SECRET not in str(path)
        if path.is_file():
            assert SECRET.encode() not in path.read_bytes(), path
    return shown.out + shown.err


def test_of_a_run_and_of_changes_only(
    place: Path, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first is told, an unchanged and a like one not; `always` tells; no word of the address is left."""
    monkeypatch.setenv("TOLD", mailbox.address)
    assert main(order(place, "--release", "1", "--notify", "env:TOLD")) == 0
    (got,) = mailbox.got
    summary = (place / "reports/tickets/1/summary.md").read_text()
    assert summary.startswith(f"# {got['title']}\n")
    assert "https://e.org/r/tickets/1/index.html" in got["message"]
    assert "axes measured" in got["message"]
    assert os.environ["TOLD"] == mailbox.address
    assert main(order(place, "--release", "1", "--notify", "env:TOLD")) == 0
    assert main(order(place, "--release", "2", "--notify", mailbox.address)) == 0
    assert len(mailbox.got) == 1
    assert main(order(place, "--release", "2", "--notify", "env:TOLD", "--notify-on", "failure")) == 0
    assert len(mailbox.got) == 1
    assert main(order(place, "--release", "2", "--notify", "env:TOLD", "--notify-on", "always")) == 0
    assert len(mailbox.got) == 2
    no_trace(place, capsys)


def test_a_failed_run_and_a_stale_log_are_told(
    place: Path, mailbox: Mailbox, capsys: pytest.CaptureFixture[str]
) -> None:
    """By default too; the JUnit file says the failure as well."""
    assert main(order(place, "--release", "1")) == 0
    junit = place / "junit.xml"
    for file in (place / "stream").rglob("*.jsonl"):
        os.utime(file, (time.time() - 3 * 86400,) * 2)
    assert main(order(place, "--release", "1", "--notify", mailbox.address, "--junit", str(junit))) == 5
    assert "older than this stream allows" in mailbox.got[-1]["message"]
    assert "expect_every" in junit.read_text()
    write_notebook(place / "notebooks", "transfer", "raise ValueError('<b>no</b>')")
    assert main(order(place, "--force", "--notify", mailbox.address, "--junit", str(junit))) == 1
    assert mailbox.got[-1]["title"] == "tickets: the run failed"
    assert "no" in mailbox.got[-1]["message"]
    assert "<error " in junit.read_text()
    assert len(mailbox.got) == 2
    no_trace(place, capsys)


def test_a_notification_that_fails_is_one_note(
    place: Path, mailbox: Mailbox, capsys: pytest.CaptureFixture[str]
) -> None:
    """Refused, unreachable, unknown and unset addresses: the run is published with exit code 0."""
    mailbox.status = 500
    several = [mailbox.address, f"json://127.0.0.1:9/{SECRET}", f"nonsense://{SECRET}", f"{SECRET}", "env:NOT_SET"]
    words = [word for one in several for word in ("--notify", one)]
    assert main(order(place, "--release", "1", *words)) == 0
    said = no_trace(place, capsys)
    assert said.count("Note: notification") == 4
    assert said.count("Note: not notified") == 1
    assert len(mailbox.got) == 1
    assert (place / "reports/tickets/1/index.html").is_file()


def test_without_the_library_it_is_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "apprise", None)
    (why,) = send(["json://x"], Message("t", "b"))
    assert "pip install 'streamreview[notify]'" in why


def answer(folder: Path, *, stale: bool = False) -> Answer:
    return Answer(folder, "s", "1", 1, False, "act", "It lost.", False, stale, Gate((), ()), 0)


def test_a_long_summary_is_cut_between_lines_and_keeps_its_link(tmp_path: Path) -> None:
    link = "[The report](https://e.org/x)"
    (tmp_path / "summary.md").write_text("# T: act\n\n" + "a line of text\n" * 400 + "\n" + link + "\n")
    message = told(answer(tmp_path, stale=True))
    assert message.title == "T: act"
    assert len(message.body) <= 1800
    assert message.body.startswith("**The log is older")
    assert message.body.endswith(f"a line of text\n\n… (more in the report)\n\n{link}")
    (tmp_path / "summary.md").write_text("# T\n\n" + "x" * 9000)
    assert 1700 < len(told(answer(tmp_path)).body) <= 1800


def test_a_report_without_summary_is_told_by_its_sentence(tmp_path: Path) -> None:
    assert told(answer(tmp_path)) == Message("s, 1: act", "It lost.")


def test_addresses_are_not_shown_and_variables_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A", SECRET)
    assert SECRET not in repr(notifier(["env:A", SECRET], "always"))
    with kept_from_kernels([SECRET, "x"]):
        assert "A" not in os.environ
    assert os.environ["A"] == SECRET
    with pytest.raises(UsageError, match="change, failure, always"):
        notifier([], "sometimes")


def test_many_streams_are_not_told_in_silence(capsys: pytest.CaptureFixture[str]) -> None:
    """What --config and --from would leave out is wrong usage, and the address is not repeated."""
    for words in (["--config", "x"], ["--from", "x"]):
        assert main(["run", *words, "--notify", f"json://{SECRET}"]) == 2
    error = capsys.readouterr().err
    assert error.count("--notify") == 2
    assert SECRET not in error
