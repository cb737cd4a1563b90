"""What does the releases page need of a results.json? A few kilobytes, kept by the hash of the whole file.

A results.json has hundreds of estimates and never changes, so that reading a long history again for each new release
would be most of the work. The file is still hashed each time: a brief speaks only for the very bytes it was made of.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from toolkit.reporting.publish import write_atomically

_EMPTIED: dict[str, Any] = {
    "ledger": {},
    "people_plan": [],
    "monitor": [],
    "warnings": [],
    "assumptions": [],
    "judged_by": [],
}
_RECORD: dict[str, Any] = {"inputs": [], "packages": {}}


class Briefs:
    """The briefs of one stream in the file `path`; one that is missing or damaged is begun anew."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stored = _load(path)
        self._used: dict[str, dict[str, Any]] = {}

    def content(self, sha256: str, raw: bytes) -> dict[str, Any]:
        """The brief of the results.json with these bytes. Raises ValueError where they are no results."""
        found = self._stored.get(sha256)
        self._used[sha256] = brief(json.loads(raw)) if found is None else found
        return self._used[sha256]

    def save(self) -> None:
        """Keep those that were asked for; a file that cannot be written is done without."""
        if self._used == self._stored:
            return
        body = json.dumps(self._used)
        with suppress(OSError):
            write_atomically(self._path, f"{_digest(body)}\n{body}\n")


def brief(content: dict[str, Any]) -> dict[str, Any]:
    """The results with their headlines alone, valid like the whole. Raises ValueError for what is no object."""
    if not isinstance(content, dict):
        raise ValueError("no JSON object")
    axes, estimates = content.get("axes"), content.get("estimates")
    if not isinstance(axes, list) or not isinstance(estimates, list):
        return content
    heads = {axis.get("headline") for axis in axes} - {None}
    kept: dict[str, Any] = {"estimates": [e for e in estimates if e.get("id") in heads]}
    kept |= {name: empty for name, empty in _EMPTIED.items() if name in content}
    return content | kept | {"provenance": content["provenance"] | _RECORD}


def _load(path: Path) -> dict[str, dict[str, Any]]:
    try:
        digest, _, body = path.read_text(encoding="utf-8").partition("\n")
        if digest != _digest(body.rstrip("\n")):
            return {}
        found: dict[str, dict[str, Any]] = json.loads(body)
    except (OSError, ValueError):
        return {}
    return found


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()
