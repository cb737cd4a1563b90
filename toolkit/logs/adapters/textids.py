"""Which id does a text get that has none of its own? A hash of it, the same in every stage, seed and run."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence


def ids_of(texts: Sequence[str]) -> list[str]:
    """16 hexadecimal digits of each text's MD5; equal texts are numbered from the second on."""
    seen: Counter[str] = Counter()
    ids = []
    for text in texts:
        name = hashlib.md5(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()[:16]
        seen[name] += 1
        ids.append(name if seen[name] == 1 else f"{name}-{seen[name]}")
    return ids
