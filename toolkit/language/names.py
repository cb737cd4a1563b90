"""How is a name from a log shown: without control characters, and short, with the whole name at hand?"""

from __future__ import annotations

import unicodedata

LONGEST = 40
# Characters that reorder the text around them; a page isolates direction by <bdi> instead.
_BIDI = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean(text: str) -> str:
    """`text` on one line: control, surrogate and direction-override characters gone, blanks single."""
    kept = "".join(
        " " if character.isspace() else character
        for character in text
        if character.isspace()
        or (unicodedata.category(character) not in ("Cc", "Cs", "Cn", "Co") and character not in _BIDI)
    )
    return " ".join(kept.split()) or "(no name)"


def short(text: str, longest: int = LONGEST) -> str:
    """`text`, cleaned, in at most `longest` characters; what was cut off leaves an ellipsis."""
    whole = clean(text)
    if len(whole) <= longest:
        return whole
    cut = whole[: longest - 1].rstrip()
    while cut and (unicodedata.combining(cut[-1]) or cut[-1] in "\u200d\ufe0f"):
        cut = cut[:-1]
    return cut + "…"


def clean_lines(text: str, *, lines: int = 12, longest: int = 400) -> str:
    """`text` with its line breaks, otherwise cleaned, in at most `lines` lines and `longest` characters together."""
    kept = [clean(line) if line.strip() else "" for line in text.splitlines()]
    while kept and not kept[-1]:
        kept.pop()
    whole = "\n".join(kept)
    cut = "\n".join(kept[:lines])
    if len(cut) > longest:
        cut = cut[: longest - 1].rstrip()
    return cut if cut == whole else cut + "…"
