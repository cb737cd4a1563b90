"""Do a report's numbers leave it as they are, rounded only where people read, and harmless whatever the log says?"""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests import invented
from toolkit import Estimates
from toolkit.cli import main
from toolkit.errors import UsageError
from toolkit.notebook.export import printed
from toolkit.results import Estimate

HOSTILE = [
    "=HYPERLINK(\"http://x\")", "+1+1", "-2+3", "@SUM(1)", "\t=1", "50 % of $x_1$ & #2 ~^{}\\input{/etc/passwd}",
    "[x] first", "* starred", "a | b", "**bold** `code` <script>", "[text](javascript:alert(1))", "tw\no", "www.x.org",
    *invented.HOSTILE.values(),
]  # fmt: skip


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds a results.json, as a report does."""
    folder = tmp_path_factory.mktemp("report")
    found = invented.results("2026.11")
    more = (*found.estimates, *invented.by_task(), *invented.matrix())
    made = found.model_copy(update={"estimates": more})
    (folder / "results.json").write_text(made.model_dump_json(), encoding="utf-8")
    return folder


def exported(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """What `streamreview export` writes to stdout."""
    assert main(["export", *map(str, arguments)]) == 0
    return capsys.readouterr().out


def hostile() -> Estimates:
    """An estimate of each hostile task."""
    made = [Estimate(quantity="score", axis="transfer", task=name, value=0.5, low=0.4, high=0.6) for name in HOSTILE]
    made.append(Estimate(quantity="score", axis="transfer", task="t", reason="=cmd|' /C calc'!A0 & 5 %"))
    return Estimates(tuple(made))


def test_full_numbers_come_back_from_every_file_of_data(report: Path, tmp_path: Path) -> None:
    """CSV, Parquet and JSON hold what results.json holds, to the last digit."""
    published = {e["id"]: e for e in json.loads((report / "results.json").read_text())["estimates"]}
    for name in ("a.csv", "a.parquet", "a.json"):
        assert main(["export", str(report), "--to", str(tmp_path / name)]) == 0
    numbers = {i: {k: e[k] for k in ("value", "low", "high")} for i, e in published.items()}
    with (tmp_path / "a.csv").open(newline="") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    assert {i: {k: float(rows[i][k]) if rows[i][k] else None for k in e} for i, e in numbers.items()} == numbers
    table = pq.read_table(tmp_path / "a.parquet", columns=["id", "value", "low", "high"]).to_pylist()
    assert {row.pop("id"): row for row in table} == numbers
    again = {e["id"]: e for e in json.loads((tmp_path / "a.json").read_text())}
    assert again == published


def test_what_is_read_is_rounded_as_pages_are(report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By the width of the interval, in one cell or in columns; a missing number says why."""
    cell = exported(capsys, report, "--to", "markdown", "--quantity", "backward_transfer")
    assert "| −3.1 (−4.4 to −1.8) | points |" in cell
    assert "| refunds | not measured: needs a later task |" in cell
    assert "(no interval: needs two seeds or items)" in cell
    columns = exported(capsys, report, "--to", "latex", "--quantity", "backward_transfer", "--interval", "columns")
    assert "all tasks & $-$3.1 & $-$4.4 & $-$1.8 & points &" in columns
    assert "not measured: needs a later task & -- & -- &" in columns
    assert "no interval: needs two seeds or items" in columns
    assert all(rule in columns for rule in (r"\toprule", r"\midrule", r"\bottomrule"))


def test_only_what_was_asked_for(report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By quantity and task; `all` is what speaks of all tasks."""
    asked = ["--to", "json", "--quantity", "backward_transfer", "--quantity", "score", "--task", "billing"]
    found = json.loads(exported(capsys, report, *asked))
    assert {(e["quantity"], e["task"]) for e in found} == {("backward_transfer", "billing"), ("score", "billing")}
    assert len(found) == 10
    whole = json.loads(exported(capsys, report, "--to", "json", "--task", "all"))
    assert {e["task"] for e in whole} == {None}
    assert len(whole) == 5


@pytest.mark.parametrize("rounded", [True, False])
def test_no_cell_starts_a_formula(rounded: bool) -> None:
    """As the standard library reads the file: a spreadsheet would run what begins so."""
    text = hostile().to_csv(rounded=rounded)
    assert text is not None
    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) == len(HOSTILE) + 2
    bare = [cell for row in rows for cell in row if cell[:1] in ("=", "+", "-", "@", "\t", "\r")]
    assert all(re.fullmatch(r"-?[\d.e-]+", cell) for cell in bare)
    assert '\'=HYPERLINK("http://x")' in rows[1]


def test_latex_is_a_table_whatever_the_names_are() -> None:
    """Each row has its cells and its end; no name reaches TeX as a command, and none is an argument of a row's end."""
    text = hostile().to_latex()
    assert text is not None
    body = text.split(r"\midrule")[1].split(r"\bottomrule")[0]
    rows = body.strip().splitlines()
    assert len(rows) == len(HOSTILE) + 1
    columns = re.search(r"\\begin{tabular}{([lr]+)}", text)
    assert columns is not None
    for row in rows:
        assert len(re.split(r"(?<!\\)&", row)) == len(columns[1])
        assert row.endswith(r"\\")
        assert not row.startswith(("[", "*"))
        known = r"\\(text(backslash|asciitilde|asciicircum|asciigrave|less|greater|bar)\{\}|typesetor\{|[&%$#_{}\\])"
        assert not re.sub(known, "", row).count("\\")
        assert not re.search(r"(?<!\\)[%#_]", row)
    assert r"{}[x] first" in body
    assert r"\textbackslash{}input\{/etc/passwd\}" in body


def test_a_markdown_table_is_one_whatever_the_names_are() -> None:
    """As mistune reads it: one table, every row with its cells, no link, emphasis or tag from a name."""
    import mistune

    text = hostile().to_markdown()
    assert text is not None
    table, *rest = mistune.create_markdown(renderer=None, plugins=["table", "url", "strikethrough"])(text)
    assert rest == []
    head, body = table["children"]
    assert len(body["children"]) == len(HOSTILE) + 1
    assert {len(row["children"]) for row in body["children"]} == {len(head["children"])}
    kinds = {inline["type"] for row in body["children"] for cell in row["children"] for inline in cell["children"]}
    assert kinds == {"text"}


def test_points_of_another_scale_say_so() -> None:
    """Beside points of a hundred they would look alike."""
    found = Estimates(tuple(invented.headline_estimates().values()))
    table = printed(found)
    units = [row[table.heads.index("Unit")] for row in table.rows]
    assert units[:2] == ["points", "points of the feedback scale"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--to", "x.txt"], r"no format and has none of the endings \.csv"),
        (["--to", "parquet"], "name a file"),
        (["--to", "json", "--quantity", "backward"], "no quantity 'backward'; it has backward_transfer"),
        (["--to", "json", "--task", "bill\x1b[31m"], "no estimate is of the task"),
        (["--to", "json", "--quantity", "agreement_gap", "--task", "billing"], "leave one option out"),
        (["--to", "json", "--rounded"], "--rounded is for csv"),
        (["--to", "csv", "--interval", "columns"], "--interval is for latex"),
        (["--to", "markdown", "--interval", "row"], "must be cell or columns"),
        (["--to", "REPORT/results.json"], "stays as it was published"),
        (["--to", "nowhere/a.csv"], "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    report: Path, options: list[str], told: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the report is as it was."""
    monkeypatch.chdir(report.parent)
    before = (report / "results.json").read_bytes()
    assert main(["export", str(report), *(option.replace("REPORT", str(report)) for option in options)]) == 2
    error = capsys.readouterr().err
    assert re.search(told, error)
    assert error.count("\n") == 1
    assert "\x1b" not in error
    assert (report / "results.json").read_bytes() == before


def test_another_way_of_intervals_is_refused() -> None:
    with pytest.raises(UsageError, match="must be one of cell, columns"):
        hostile().to_latex(interval="row")  # type: ignore[arg-type]
    assert Estimates().to_latex().count(r"\\") == 1
