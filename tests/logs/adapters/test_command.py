"""`streamreview import` from the shell: what it prints, how it ends, and that a report follows with no hand edit."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.logs.adapters.support import DATA
from toolkit.cli import main
from toolkit.logs.adapters.registry import names

WHOLE = "stage,a,b\n1,0.9,0.2\n2,0.8,0.7\n"


@pytest.fixture
def source(tmp_path: Path) -> str:
    (tmp_path / "m.csv").write_text(WHOLE)
    return str(tmp_path / "m.csv")


def test_it_says_what_it_did_and_what_comes_next(
    tmp_path: Path, source: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["import", "matrix", source, "--to", str(tmp_path / "log")]) == 0
    said = capsys.readouterr().out
    assert "Imported: 4 evaluations" in said
    assert f"Next: streamreview check {tmp_path / 'log'}" in said
    (tmp_path / "log" / "stream.toml").write_text('name = "mine"\n[[tasks]]\nname = "a"\n[[tasks]]\nname = "b"\n')
    assert main(["import", "matrix", source, "--to", str(tmp_path / "log")]) == 0
    assert "Kept:" in capsys.readouterr().out


def test_without_a_source_it_lists_formats_and_settings(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(names())
    assert main(["import", "lm-eval"]) == 0
    assert "--set filter=" in capsys.readouterr().out


def test_inspect_logs_pass_the_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = str(tmp_path / "log")
    given = ["--set", "judges=model_graded_qa", "--tasks", "alpha,beta", "--parquet", "--as", "evals"]
    assert main(["import", "inspect", str(DATA / "inspect"), "--to", log, *given]) == 0
    assert main(["check", log]) == 0
    assert "evaluations\t24\t24\t0" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nothing", "SOURCE", "--to", "TO"], "no format called"),
        (["matrix", "SOURCE"], "say where"),
        (["matrix", "SOURCE/nowhere", "--to", "TO"], "no such file"),
        (["matrix", "SOURCE", "--to", "TO", "--set", "colour=red"], "no setting of format matrix"),
        (["matrix", "SOURCE", "--to", "TO", "--set", "zeros"], "write name=value"),
        (["matrix", "SOURCE", "--to", "TO", "--map", "a=b", "--map", "a=c"], "twice"),
        (["matrix", "SOURCE", "--to", "TO", "--kind", "other"], "evaluations, feedback, samples"),
        (["matrix", "SOURCE", "--to", "TO", "--missing", "zero"], "reject or wrong"),
        (["matrix", "SOURCE", "--to", "SOURCE"], "a file"),
        (["matrix", "FOLDER", "--to", "TO"], "lies in the source"),
        (["matrix", "SOURCE", "--to", "TO", "--as", "../x"], "lower-case"),
        (["matrix", "SOURCE", "--to", "TO", "--stages", "SOURCE"], "--stages"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_2(
    tmp_path: Path, source: str, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [
        word.replace("FOLDER", str(tmp_path)).replace("SOURCE", source).replace("TO", str(tmp_path / "log"))
        for word in arguments
    ]
    assert main(["import", *given]) == 2
    said = capsys.readouterr().err.strip().splitlines()
    assert len(said) == 1
    assert words in said[0]
    assert not (tmp_path / "log").exists()


def test_a_source_that_cannot_be_used_is_one_line_and_exit_4(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.eval").write_bytes(b"PK\x03\x04cut")
    assert main(["import", "inspect", str(tmp_path / "x.eval"), "--to", str(tmp_path / "log")]) == 4
    assert "no whole zip archive" in capsys.readouterr().err
