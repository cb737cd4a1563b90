"""How does what an import read become the files of a stream folder, all of it or nothing?

An import writes `<table>/import-<part>.jsonl` (or Parquet) and tells of itself in import.json; a part is named
after its format unless the user names it, so that several imports live in one folder. Importing a part again
replaces its files. Files that no import wrote are never touched.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from toolkit.errors import LogRejected, UsageError
from toolkit.logs.adapters.account import Account
from toolkit.logs.adapters.base import Converted, Options
from toolkit.logs.adapters.manifest import MANIFEST, Manifest, read_manifest
from toolkit.logs.adapters.observed import Observed
from toolkit.logs.adapters.rowfiles import Form, RowFile, open_rows
from toolkit.logs.adapters.streamfile import about, merged, remarks, stream_text
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
    with _staging(folder) as staged:
        before = read_manifest(folder)
        observed = Observed()
        files = _write_rows(converted, staged, part, form, observed, account, missing)
        if not files:
            reasons = "; ".join(account.lines()[:3]) or "it holds no row that could be mapped"
            raise LogRejected(f"{shown(told.get('source', 'the source'))}: nothing to import: {reasons}")
        said = about(converted.hints, observed, options, missing, account)
        _refuse_foreign(folder, files, before)
        manifest = before.with_part(part, told, files, said, account)
        described = _describe(folder, staged, manifest, account)
        manifest.parts[part] |= account.as_json()  # with what the parts together gave rise to
        manifest.write(staged / MANIFEST)
        _publish(staged, folder, files, described, before.files_of(part))
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


def _describe(folder: Path, staged: Path, manifest: Manifest, account: Account) -> bool:
    """Stage stream.toml, unless somebody wrote or changed the one that is there."""
    from toolkit.logs.config import load_config

    there = folder / "stream.toml"
    if os.path.lexists(there) and _digest(there) != manifest.stream_toml:
        return False
    name = re.sub(r"[^a-z0-9_-]+", "-", folder.resolve().name.lower()).strip("-_")[:64] or "stream"
    said = merged(manifest.said(), account)
    remarks(said, account)
    text = stream_text(name, folder.resolve().name, said, manifest.formats())
    (staged / "stream.toml").write_bytes(text.encode("utf-8", "replace"))
    load_config(staged)  # what is written can be read, whatever names the source held
    manifest.stream_toml = _digest(staged / "stream.toml")
    return True


def _refuse_foreign(folder: Path, files: list[str], before: Manifest) -> None:
    for name in files:
        path = folder / name
        if os.path.lexists(path) and name not in before.all_files():
            raise UsageError(f"{shown(path, 300)}: is there and no import wrote it; move it away, or name another --as")
        if path.parent.exists() and not path.parent.is_dir():
            raise UsageError(f"{shown(path.parent, 300)}: a file where a folder is needed; move it away")


@contextmanager
def _staging(folder: Path) -> Iterator[Path]:
    """A folder beside what is to be replaced, on the same disk; gone afterwards. Other imports there wait meanwhile."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"--to {shown(folder, 300)}: a file; name a folder")
    parent = folder if folder.exists() else folder.resolve().parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
        staged = Path(tempfile.mkdtemp(prefix=".import-", dir=parent))
    except OSError as error:
        raise UsageError(f"--to {shown(folder, 300)}: cannot be written: {error.strerror}") from None
    lock = os.open(folder.resolve().parent, os.O_RDONLY)  # the folder itself may not be there yet
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield staged
    finally:
        shutil.rmtree(staged, ignore_errors=True)
        os.close(lock)


def _publish(staged: Path, folder: Path, files: list[str], described: bool, old: tuple[str, ...]) -> None:
    """Rename into place: a new folder as a whole, else file by file with import.json last."""
    if not folder.exists():
        staged.chmod(0o755)
        staged.rename(folder)
        return
    for name in (*files, *(["stream.toml"] if described else []), MANIFEST):
        target = folder / name
        target.parent.mkdir(exist_ok=True)
        os.replace(staged / name, target)
    for name in set(old) - set(files):
        (folder / name).unlink(missing_ok=True)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
