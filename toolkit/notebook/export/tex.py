r"""How does text of any origin become LaTeX that prints the same, whatever TeX makes of its characters?

Characters are those of plain pdfLaTeX (Latin letters with accents; some of them in the encoding T1 alone), of its
mathematics, or of no pdfLaTeX at all. The last are handed to XeLaTeX and LuaLaTeX as they are, and pdfLaTeX prints
their numbers: `\typesetor{letters}{U+05E9 ...}`, which `DEFINITION` defines.
"""

from __future__ import annotations

import unicodedata
from itertools import groupby

TYPESETOR = r"\typesetor"
DEFINITION = rf"\providecommand{{{TYPESETOR}}}[2]{{\ifdefined\Umathchar#1\else#2\fi}}"

_LACKING = "\u00ad\u0126\u0127\u0138\u013f\u0140\u0149\u0166\u0167"
_LATIN = frozenset(chr(code) for code in range(0xA1, 0x17F)) - frozenset(_LACKING)
_MORE = frozenset("ȘșȚț‐‑‒—―‘’‚“”„†‡•‰‹›⁄€™←↑→↓")
_ASCII = {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "`": r"\textasciigrave{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}",
    "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
}  # fmt: skip
_SIGNS = {
    "\u00a0": "~", "\u2009": r"\,", "\u202f": r"\,", "–": "--", "…": r"\ldots{}",
    "−": "$-$", "∞": r"$\infty$", "≤": r"$\leq$", "≥": r"$\geq$", "≠": r"$\neq$", "≈": r"$\approx$",
    "∈": r"$\in$", "∑": r"$\sum$", "∏": r"$\prod$", "√": r"$\surd$", "∂": r"$\partial$", "∇": r"$\nabla$",
}  # fmt: skip
_LIGATURES = "-',"
"""Two of one kind in a row would become another sign."""
_GREEK = frozenset("αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ")
"""Those for which TeX has a command; omicron and most capitals look like Latin letters."""


def tex(text: str) -> str:
    r"""Text as LaTeX without any command of its own; at its start neither `[` nor `*`, which `\\` would take."""
    plain = unicodedata.normalize("NFC", text)
    parts = ["{}"] if plain.startswith(("[", "*")) else []
    before = ""
    for beyond, run in groupby(plain, _is_beyond):
        signs = "".join(run)
        if beyond:
            numbers = " ".join(_greek(sign) or f"U+{ord(sign):04X}" for sign in signs)
            parts.append(f"{TYPESETOR}{{{signs}}}{{{numbers}}}")
            before = ""
            continue
        for sign in signs:
            parts += ["{}"] if sign == before and sign in _LIGATURES else []
            parts.append(_ASCII.get(sign) or _SIGNS.get(sign) or sign)
            before = sign
    return "".join(parts)


def _is_beyond(sign: str) -> bool:
    return not (sign.isascii() or sign in _SIGNS or sign in _LATIN or sign in _MORE)


def _greek(sign: str) -> str:
    """A Greek letter in mathematics, empty for other signs."""
    if sign not in _GREEK:
        return ""
    _, size, _, name = unicodedata.name(sign).split()
    command = name.replace("LAMDA", "LAMBDA").lower()
    return f"$\\{command.capitalize() if size == 'CAPITAL' else command}$"
