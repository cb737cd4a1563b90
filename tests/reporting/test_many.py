"""Are many streams run side by side, each with its own end, and is the worst of them said?"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.reporting.support import write_stream
from toolkit.cli.many import digest
from toolkit.errors import UsageError
from toolkit.reporting.layout import Layout
from toolkit.reporting.lock import hold
from toolkit.reporting.many import Outcome, worst
from toolkit.reporting.streams_file import arguments, load_streams, others_secrets

ROOT = Path(__file__).parents[2]


def write(folder: Path, text: str) -> Path:
    (folder / "streams.toml").write_text(text)
    return folder / "streams.toml"


def test_a_stream_s_own_options_go_before_the_defaults(tmp_path: Path) -> None:
    """Paths are relative to the file, wherever the command is called."""
    path = write(
        tmp_path,
        'out = "r"\n[defaults]\nfail_on = "act"\ntimeout = 60\n'
        '[[streams]]\nstream = "a"\n[[streams]]\nstream = "b"\nfail_on = "none"\nforce = true\ntemplate = "t"\n',
    )
    streams = load_streams(path)
    first, second = (arguments(entry, streams, tmp_path, 3) for entry in streams.streams)
    common = ["run", "--out", str(tmp_path / "r"), "--jobs", "3"]
    assert first == [*common, "--fail-on=act", "--timeout=60.0", "--", str(tmp_path / "a")]
    own = ["--fail-on=none", f"--template={tmp_path / 't'}", "--timeout=60.0", "--force"]
    assert second[5:] == [*own, "--", str(tmp_path / "b")]


def test_who_is_told_of_which_stream(tmp_path: Path) -> None:
    """For all or for one, by variables alone; a stream's notebooks see no other stream's address."""
    path = write(
        tmp_path,
        '[defaults]\nnotify = "env:ALL"\nnotify_on = "always"\njunit = "ci/{stream}.xml"\n'
        '[[streams]]\nstream = "x/a"\n'
        '[[streams]]\nstream = "b"\nnotify = ["env:ONE", "env:TWO"]\njunit = "mine.xml"\n',
    )
    streams = load_streams(path)
    first, second = (arguments(entry, streams, tmp_path, 1)[5:-2] for entry in streams.streams)
    junit = f"--junit={tmp_path / 'ci/a.xml'}"
    assert sorted(first) == sorted(["--notify=env:ALL", "--notify-on=always", junit])
    assert "--notify=env:ONE" in second
    assert "--notify=env:TWO" in second
    assert f"--junit={tmp_path / 'mine.xml'}" in second
    hidden = [others_secrets(entry, streams) for entry in streams.streams]
    assert hidden == [{"ONE", "TWO"}, {"ALL"}]


def test_a_stream_may_lie_in_a_store(tmp_path: Path) -> None:
    """Its URL goes to the run as it is; its name is the last folder, wherever a name is needed."""
    path = write(
        tmp_path,
        '[defaults]\njunit = "{stream}.xml"\n[[streams]]\nstream = "s3://bucket/logs/tickets/"\n'
        '[[streams]]\nstream = "gs://bucket"\n[[streams]]\nstream = "s3:/local"\n',
    )
    streams = load_streams(path)
    words = [arguments(entry, streams, tmp_path, 1)[5:] for entry in streams.streams]
    assert words == [
        [f"--junit={tmp_path / 'tickets.xml'}", "--", "s3://bucket/logs/tickets"],
        [f"--junit={tmp_path / 'bucket.xml'}", "--", "gs://bucket"],
        [f"--junit={tmp_path / 'local.xml'}", "--", str(tmp_path / "s3:/local")],
    ]
    assert [entry.stream.name for entry in streams.streams] == ["tickets", "bucket", "local"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "streams: Field required"),
        ("streams = []", "at least 1 item"),
        ('[[streams]]\nstream = "a"\nspeed = 1', "streams.0.speed: Extra inputs"),
        ('[[streams]]\nstream = "a"\n[[streams]]\nstream = "./a"', "listed twice"),
        ('[[streams]]\nstream = "s3://b/a"\n[[streams]]\nstream = "s3://b/a/"', "s3://b/a is listed twice"),
        ('[[streams]]\nstream = "ftp://me:secret@host/a"', r"streams\.0\.stream: .*password in a file is no secret"),
        ("[[streams]]\nstream = 3", r"streams\.0\.stream: .*a folder or a URL"),
        ('[[streams]]\nstream = "a"\nnotify = "json://secret"', r"streams\.0\.notify\.0: .*env:NAME"),
        ('[[streams]]\nstream = "a"\nnotify_on = "never"', r"streams\.0\.notify_on: .*'change', 'failure' or 'always'"),
        ('[defaults]\njunit = "j.xml"\n[[streams]]\nstream = "a"\n[[streams]]\nstream = "b"', "put {stream} into"),
        ("[[", "not readable as TOML"),
    ],
)
def test_a_file_that_cannot_be_meant(tmp_path: Path, text: str, said: str) -> None:
    """One line that names the file and the key."""
    with pytest.raises(UsageError, match=said) as error:
        load_streams(write(tmp_path, text))
    assert str(tmp_path / "streams.toml") in str(error.value)
    assert "secret" not in str(error.value).replace("is no secret", "")
    assert str(error.value).isprintable()


def test_the_worst_end() -> None:
    """A failure is worse than a rejected log, that than a busy stream, that than an old log or a verdict."""
    assert worst([0, 0]) == 0
    assert worst([0, 3]) == 3
    assert worst([3, 5]) == 5
    assert worst([5, 6, 3]) == 6
    assert worst([6, 4]) == 4
    assert worst([4, 1]) == 1
    assert worst([0, -9]) == 1


def test_no_text_of_a_log_is_markdown_in_the_digest(tmp_path: Path) -> None:
    """A sentence that is a link, a table or a tag stays text."""
    hostile = "[x](http://y) | <b> *z* `q`\n# big"
    outcome = Outcome(tmp_path / "s", 0, hostile, None, None)
    line = digest([outcome], tmp_path).splitlines()[-1]
    assert line.count("|") == 7
    for sign in ("[", "]", "<", ">", "*", "`", "://", "\n"):
        assert sign not in line


@pytest.mark.slow
def test_one_stream_s_failure_does_not_stop_the_others(tmp_path: Path) -> None:
    """A good stream by its URL, one without its folder, a rejected and a held one: four ends, one digest."""
    (tmp_path / "good").mkdir()
    (tmp_path / "good/stream.toml").write_text('name = "good"\n[[tasks]]\nname = "a"\n[[tasks]]\nname = "b"\n')
    rows = "".join(f"{s},{t},{t}{i},{int(i < 4 + s)}\n" for s in range(3) for t in "ab" for i in range(12))
    (tmp_path / "good/evaluations.csv").write_text("stage,task,item,score\n" + rows)
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad/stream.toml").write_text("no_such_key = 1\n")
    write_stream(tmp_path / "held")
    path = write(
        tmp_path,
        "at_once = 2\n"
        + "".join(f'[[streams]]\nstream = "{n}"\n' for n in ("none", "bad", "held", (tmp_path / "good").as_uri())),
    )
    with hold(Layout(tmp_path / "reports"), "tickets"):
        done = subprocess.run(
            [sys.executable, "-m", "toolkit", "run", "--config", str(path)],
            cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
            env=os.environ | {"XDG_CACHE_HOME": str(tmp_path / "cache")},
        )  # fmt: skip
    assert (tmp_path / "cache/streamreview/remote").is_dir()  # the copy of the one that has a URL
    said = (tmp_path / "reports/digest.md").read_text().splitlines()
    ends = ["wrong usage (2)", "log rejected (4)", "held (6)", "done (0)"]
    assert [line.split("|")[5].strip() for line in said[4:]] == ends
    assert "no such folder" in said[4]
    assert "](<good/looks/" in said[7]
    assert all(end in done.stdout for end in ends)
    assert done.returncode == worst([0, 2, 4, 6]) == 4
