"""How does what an import read become the files of a stream folder, all of it or nothing?

An import writes `<table>/import-<part>.jsonl` (or Parquet) and tells of itself in import.json; a part is named
after its format unless the user names it, so that several imports live in one folder. Importing a part again
replaces its files, all of them at once. Files that no import wrote are never touched.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from toolkit.errors import LogRejected, UsageError
from toolkit.logs.adapters.account import Account
from toolkit.logs.adapters.base import Converted, Options
from toolkit.logs.adapters.manifest import Manifest, read_manifest
from toolkit.logs.adapters.observed import Observed
from toolkit.logs.adapters.rowfiles import Form, RowFile, open_rows
from toolkit.logs.adapters.streamfile import about, merged, remarks, stream_text
from toolkit.logs.exchange import MANIFEST, STREAM, digest, exchange, staging
from toolkit.logs.shown import shown

PART = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


@dataclass(frozen=True)
class Written:
    """What an import left: its files relative to the folder, and whether stream.toml is the import's own."""

    files: tuple[str, ...]
    described: bool


def write_stream(
    converted: Converted,
    folder: Path,
    *,
    part: str,
    told: dict[str, str],
    options: Options,
    account: Account,
    form: Form = "jsonl",
    missing: str = "reject",
) -> Written:
    """Write all rows as one part of the stream log in `folder`, and stream.toml where nobody wrote one.

    told: what import.json says of the part beside counts (format, source). Nothing is changed before the last
    row has been read. Raises LogRejected where there is no row at all, UsageError where a file would be
    replaced that no import wrote.
    """
    if not PART.fullmatch(part):
        raise UsageError(f"--as {shown(part)}: use lower-case letters, digits, '-' and '_' (it becomes a file name)")
    with staging(folder) as staged:
        before = read_manifest(folder)
        observed = Observed()
        files = _write_rows(converted, staged, part, form, observed, account, missing)
        if not files:
            reasons = "; ".join(account.lines()[:3]) or "it holds no row that could be mapped"
            raise LogRejected(f"{shown(told.get('source', 'the source'))}: nothing to import: {reasons}")
        said = about(converted.hints, observed, options, missing, account)
        _refuse_foreign(folder, files, before)
        manifest = before.with_part(part, told, files, said, account)
        replaced = _describe(folder, staged, manifest, account)
        manifest.parts[part] |= account.as_json()  # with what the parts together gave rise to
        manifest.write(staged / MANIFEST)
        names = [*files, *([STREAM] if replaced is not None else []), MANIFEST]
        old = set(before.files_of(part)) - set(files)
        described = exchange(staged, folder, names, old, replaced or "") and replaced is not None
    return Written(tuple(files), described)


def _write_rows(
    converted: Converted,
    staged: Path,
    part: str,
    form: Form,
    observed: Observed,
    account: Account,
    missing: str,
) -> list[str]:
    open_files: dict[str, RowFile] = {}
    paths: list[Path] = []
    try:
        for table, row in observed.sound(iter(converted.rows), account, missing=missing):
            if table not in open_files:
                open_files[table] = open_rows(staged / table, table, f"import-{part}", form)
            open_files[table].add(row)
    finally:
        for file in open_files.values():
            paths += file.close()
    return [path.relative_to(staged).as_posix() for path in paths]


def _describe(folder: Path, staged: Path, manifest: Manifest, account: Account) -> str | None:
    """Stage stream.toml; the digest of the one it replaces. None where somebody wrote or changed that one."""
    from toolkit.logs.config import load_config

    there = folder / STREAM
    replaced = digest(there)
    if os.path.lexists(there) and replaced != manifest.stream_toml:
        return None
    name = re.sub(r"[^a-z0-9_-]+", "-", folder.resolve().name.lower()).strip("-_")[:64] or "stream"
    said = merged(manifest.said(), account)
    remarks(said, account)
    text = stream_text(name, folder.resolve().name, said, manifest.formats())
    (staged / STREAM).write_bytes(text.encode("utf-8", "replace"))
    load_config(staged)  # what is written can be read, whatever names the source held
    manifest.stream_toml = digest(staged / STREAM)
    return replaced


def _refuse_foreign(folder: Path, files: list[str], before: Manifest) -> None:
    for name in files:
        path = folder / name
        if os.path.lexists(path) and name not in before.all_files():
            raise UsageError(f"{shown(path, 300)}: is there and no import wrote it; move it away, or name another --as")
        if path.parent.exists() and not path.parent.is_dir():
            raise UsageError(f"{shown(path.parent, 300)}: a file where a folder is needed; move it away")
