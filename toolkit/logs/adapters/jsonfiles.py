"""Which JSON objects does a file hold, also when it was cut short, or two runs wrote into it?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from toolkit.logs.adapters.account import Account
from toolkit.logs.files import Compression
from toolkit.logs.rows import open_bytes

MOST_BYTES = 1 << 30
_MOST_LINE = 1 << 26
_DECODER = json.JSONDecoder()


def read_object(path: Path, where: str, account: Account) -> dict[str, Any] | None:
    """The last whole JSON object of a file; None, counted, where there is none.

    where: how messages call the file. Objects before the last, and a cut one behind it, are counted.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            account.left_out("files", f"larger than {MOST_BYTES >> 30} GiB, too large for one JSON object", where)
            return None
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        account.left_out("files", "not JSON: not UTF-8 text", where)
        return None
    except OSError as error:
        account.left_out("files", f"cannot be read: {error.strerror}", where)
        return None
    return last_object(text, where, account)


def last_object(text: str, where: str, account: Account) -> dict[str, Any] | None:
    """The last whole JSON object of a text, as `read_object`."""
    values, rest = _values(text)
    objects = [value for value in values if isinstance(value, dict)]
    if not objects:
        account.left_out("files", "not a whole JSON object (cut short, or something else)", where)
        return None
    if len(objects) > 1:
        why = "followed by another one in the same file, the last of which was read"
        account.left_out("JSON objects", why, where, len(objects) - 1)
    if rest:
        account.left_out("JSON objects", "cut short behind a whole one, which was read", where)
    return objects[-1]


def json_rows(
    path: Path, where: str, account: Account, compression: Compression = "none"
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Line number and object of every line of a JSON lines file; lines that are none are counted.

    Two objects on one line (a writer that was killed and started again) are two.
    """
    with open_bytes(path, path.stat().st_size, compression) as file:
        number = 0
        while line := file.readline(_MOST_LINE):
            number += 1
            if not line.strip():
                continue
            values, rest = _values(line.decode("utf-8", "replace"))
            for value in values:
                if isinstance(value, dict):
                    yield number, value
            if rest or not all(isinstance(value, dict) for value in values):
                account.left_out("lines", "not a whole JSON object", f"{where}, line {number}")


def _values(text: str) -> tuple[list[Any], bool]:
    """All JSON values that stand one after another, and whether something unreadable follows."""
    values: list[Any] = []
    place = 0
    while True:
        while place < len(text) and text[place].isspace():
            place += 1
        if place >= len(text):
            return values, False
        try:
            value, place = _DECODER.raw_decode(text, place)
        except (ValueError, RecursionError):
            return values, True
        values.append(value)
