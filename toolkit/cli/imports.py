"""`streamreview import`: another tool's logs as a stream folder, ready to run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from toolkit.cli.show import say, warn
from toolkit.errors import UsageError
from toolkit.logs.shown import listed, shown


def imports(
    format: str | None,  # noqa: A002
    source: Path | None,
    to: Path | None,
    *,
    stages: Path | None = None,
    columns: Sequence[str] = (),
    tasks: str | None = None,
    settings: Sequence[str] = (),
    kind: str | None = None,
    part: str | None = None,
    parquet: bool = False,
    missing: str = "reject",
) -> None:
    """Read SOURCE as FORMAT and write the folder `to`; without a source, list formats or a format's settings.

    Raises UsageError for a wrong format, setting or option, LogRejected where the source cannot be used.
    """
    from toolkit.logs.adapters.account import Account
    from toolkit.logs.adapters.base import Options
    from toolkit.logs.adapters.output import write_stream
    from toolkit.logs.adapters.registry import find, names
    from toolkit.logs.adapters.stages import read_stages
    from toolkit.logs.exchange import finish

    if format is None:
        for name in names():
            say(f"{name:<16} {find(name).summary}")
        return
    adapter = find(format)
    if source is None:
        say(f"{adapter.name}: {adapter.summary}")
        for name, text in adapter.settings.items():
            say(f"  --set {name}=...  {text}")
        return
    if to is None:
        raise UsageError("import: say where the stream's log goes: --to FOLDER")
    if not source.exists():
        raise UsageError(f"{shown(source, 300)}: no such file or folder; give the logs of {adapter.name}")
    if source.is_dir() and to.resolve().is_relative_to(source.resolve()):
        raise UsageError(f"--to {shown(to, 300)}: lies in the source, and would be read the next time; name another")
    if kind not in (None, "evaluations", "feedback", "samples"):
        raise UsageError(f"--kind {shown(kind)}: one of evaluations, feedback, samples")
    if missing not in ("reject", "wrong"):
        raise UsageError(f"--missing {shown(missing)}: reject or wrong")
    told = finish(to)
    if told:
        warn(told)
    options = Options(
        stages=None if stages is None else read_stages(stages),
        columns=_pairs("--map", columns),
        tasks=tuple(name.strip() for name in tasks.split(",") if name.strip()) if tasks else (),
        settings=_known(_pairs("--set", settings), adapter.name, adapter.settings),
        kind=kind,
    )
    account = Account()
    written = write_stream(
        adapter.read(source, options, account),
        to,
        part=part or adapter.name,
        told={"format": adapter.name, "source": source.resolve().name},
        options=options,
        account=account,
        form="parquet" if parquet else "jsonl",
        missing=missing,
    )
    _tell(to, written.files, written.described, account.rows, account.lines())


def _tell(to: Path, files: Sequence[str], described: bool, rows: dict[str, int], lines: Sequence[str]) -> None:
    counts = ", ".join(f"{n:,} {table}" for table, n in rows.items())
    say(f"Imported: {counts}, into {shown(to, 300)} ({listed(files)}, import.json)")
    for line in lines:
        say(line)
    if not described:
        say(f"Kept: {shown(to / 'stream.toml', 300)}, which was written or changed by hand; check that it fits")
    say(f"Next: streamreview check {shown(to, 300)}, then streamreview run {shown(to, 300)}")


def _pairs(option: str, given: Sequence[str]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise UsageError(f"{option} {shown(text)}: write name=value")
        if name.strip() in pairs:
            raise UsageError(f"{option} {shown(text)}: {shown(name)} is given twice")
        pairs[name.strip()] = value.strip()
    return pairs


def _known(given: dict[str, str], adapter: str, known: object) -> dict[str, str]:
    names = list(known) if isinstance(known, dict) else []
    for name in given:
        if name not in names:
            there = f"it takes {listed(names)}" if names else "it takes none"
            raise UsageError(f"--set {shown(name)}: no setting of format {adapter}; {there}")
    return given
