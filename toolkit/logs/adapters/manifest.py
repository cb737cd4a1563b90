"""What does import.json say: which imports a stream folder holds, what they left out, which files are theirs?"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from toolkit.errors import UsageError
from toolkit.logs.adapters.account import Account
from toolkit.logs.adapters.streamfile import About
from toolkit.logs.exchange import MANIFEST, is_imported
from toolkit.logs.shown import shown


@dataclass
class Manifest:
    """The parts of a folder by name, and the hash of the stream.toml that import wrote."""

    parts: dict[str, dict[str, Any]] = field(default_factory=dict)
    stream_toml: str = ""

    def with_part(self, name: str, told: dict[str, str], files: list[str], said: About, account: Account) -> Manifest:
        """The same with one part added or replaced, in its old place."""
        part = {**told, "streamreview": _version(), "files": files, **account.as_json(), "stream": said.as_json()}
        return Manifest({**self.parts, name: part}, self.stream_toml)

    def files_of(self, part: str) -> tuple[str, ...]:
        """Files that the last import of this part wrote."""
        return tuple(self.parts.get(part, {}).get("files", ()))

    def all_files(self) -> frozenset[str]:
        """Files that any import wrote."""
        return frozenset(name for part in self.parts for name in self.files_of(part))

    def said(self) -> list[About]:
        """What each part says about the stream, the first imported first."""
        return [About(**part["stream"]) for part in self.parts.values()]

    def formats(self) -> list[str]:
        """Formats of the parts."""
        return list(dict.fromkeys(part["format"] for part in self.parts.values()))

    def write(self, path: Path) -> None:
        """As JSON, without dates or machine paths: the same import gives the same file."""
        content = {"parts": self.parts, "stream_toml_sha256": self.stream_toml}
        path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a folder, empty where there is none.

    Raises UsageError where import.json is there and cannot be one of ours.
    """
    path = folder / MANIFEST
    if not path.exists():
        return Manifest()
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        manifest = Manifest(content["parts"], content["stream_toml_sha256"])
        manifest.said()
        files = manifest.all_files()
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise UsageError(f"{shown(path, 300)}: not written by streamreview import; move it away") from None
    if not all(map(is_imported, files)):
        raise UsageError(f"{shown(path, 300)}: names files that no import writes; move it away")
    return manifest


def _version() -> str:
    try:
        return metadata.version("streamreview")
    except metadata.PackageNotFoundError:
        return "0+unknown"
