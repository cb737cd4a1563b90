"""How names from logs and folders appear inside a one-line message.

They are hostile until escaped: a file or column may be called anything, a line break included.
"""

from __future__ import annotations

from collections.abc import Sequence

_LONGEST = 80


def shown(text: object, longest: int = _LONGEST) -> str:
    """`text` on one line without control characters, cut to `longest` characters."""
    flat = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(text))
    return flat if len(flat) <= longest else flat[: longest - 1] + "…"


def listed(names: Sequence[object], most: int = 12) -> str:
    """`names` as a comma-separated list of at most `most`, saying how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(shown(name, 40) for name in names[:most]) + more
