"""Does LaTeX take a table of ours, and print what the names are?"""

from __future__ import annotations

import os
import re
import shutil
import string
import subprocess
import unicodedata
from pathlib import Path

import pytest

from tests import invented
from tests.cli.test_export import HOSTILE
from toolkit import Estimates
from toolkit.cli import main
from toolkit.notebook.export.tex import tex
from toolkit.results import Estimate

needs_latex = pytest.mark.skipif(
    shutil.which("pdflatex") is None, reason="needs pdflatex (Debian: texlive-latex-recommended)"
)
needs_text = pytest.mark.skipif(
    shutil.which("pdflatex") is None or shutil.which("pdftotext") is None,
    reason="needs pdflatex and pdftotext (Debian: texlive-latex-recommended, poppler-utils)",
)
NAMES = [
    *HOSTILE, *string.punctuation, "≥", "é", "−", "10−3", "a\\b{c}", "--flag", "<<x>>", "''", ",,", "?`", "!`", "|x|",
    "日本語", "emoji 😀", "α→β", "Ωmega λόγος", "a\u0301", "x\u0302", "µ ± × ÷ ≤ ≠ ≈ √ ∑ ∞", "„quoted“", "*x", "[x",
    "\\\\*", "\\end{tabular}", "% comment", "a & b \\\\ c", "^^41", "\\input{x}", "$$", "~", "#1", "\\typesetor", "}{",
    "\u202ex",
]  # fmt: skip
ONLY_T1 = "«»ÐÞðþĄąĐđĘęĮįŊŋŲų‚„‹›"


def compiled(body: str, folder: Path, *, encoding: str = "", draft: bool = True) -> Path:
    """The document's PDF by pdflatex (none where `draft`), which may not complain of anything."""
    use = f"\\usepackage[{encoding}]{{fontenc}}\n" if encoding else ""
    text = (
        f"\\documentclass{{article}}\n{use}\\usepackage{{booktabs}}\n\\begin{{document}}\n{body}\n\\end{{document}}\n"
    )
    (folder / "paper.tex").write_text(text, encoding="utf-8")
    order = ["pdflatex", "-interaction=nonstopmode", "-file-line-error", "-no-shell-escape"]
    done = subprocess.run(
        [*order, *(["-draftmode"] if draft else []), "paper.tex"],
        cwd=folder, env=os.environ | {"TEXMFVAR": str(folder / "texmf")}, capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    told = done.stdout.decode("utf-8", "replace").splitlines()
    wrong = [line for line in told if line.startswith(("./paper.tex:", "!", "Missing character"))]
    assert wrong == []
    assert done.returncode == 0, told[-5:]
    return folder / "paper.pdf"


def table(names: list[str]) -> str:
    """An estimate of each task."""
    made = [Estimate(quantity="score", axis="transfer", task=name, value=0.5, low=0.4, high=0.6) for name in names]
    made.append(Estimate(quantity="score", axis="transfer", task="t", reason="5 % of _x_ & more; no 'items'"))
    text = Estimates(tuple(made)).to_latex()
    assert text is not None
    return text


@needs_latex
@pytest.mark.parametrize("interval", ["cell", "columns"])
def test_what_export_writes_is_taken(tmp_path: Path, interval: str) -> None:
    """Every kind of estimate of a report, by the command line's own way."""
    found = invented.results("2026.11")
    more = (*found.estimates, *invented.by_task(), *invented.matrix())
    (tmp_path / "report").mkdir()
    text = found.model_copy(update={"estimates": more}).model_dump_json()
    (tmp_path / "report/results.json").write_text(text, encoding="utf-8")
    out = tmp_path / "table.tex"
    assert main(["export", str(tmp_path / "report"), "--to", str(out), "--interval", interval]) == 0
    assert out.read_text().count(r"\\") == len(more) + 1
    compiled(r"\input{table.tex}", tmp_path)


@needs_latex
def test_hostile_names_are_taken(tmp_path: Path) -> None:
    """In the plainest document, but for the letters of which LaTeX says that they need the encoding T1."""
    names = [name for name in NAMES if not set(ONLY_T1) & set(name)]
    assert len(names) > len(NAMES) - 3
    compiled(table(names), tmp_path)
    compiled(table(NAMES), tmp_path, encoding="T1")


@needs_latex
def test_every_character_is_taken(tmp_path: Path) -> None:
    """Of the Latin, Greek and Cyrillic letters, punctuation, signs, arrows and mathematics; a paragraph each."""
    blocks = (range(0x20, 0x7F), range(0xA0, 0x600), range(0x1E00, 0x2400), range(0xFB00, 0xFB10))
    every = [chr(code) for block in blocks for code in block if unicodedata.category(chr(code)) not in ("Cn", "Cf")]
    every = [sign for sign in every if unicodedata.category(sign) != "Cc"]
    assert len(every) > 2500
    definition = table(["日"]).splitlines()[0]
    bodies = [[tex(f"x{sign}{sign}x") for sign in every if keep or sign not in ONLY_T1] for keep in (False, True)]
    compiled("\n\n".join([definition, *bodies[0]]), tmp_path)
    compiled("\n\n".join([definition, *bodies[1]]), tmp_path, encoding="T1")


@needs_text
def test_what_is_printed_is_what_the_name_is(tmp_path: Path) -> None:
    """As read from the PDF; TeX draws `_`, and turns straight quotes into curly ones."""
    names = [
        "50 % of $x$ & #2", "a\\b{c}", "--flag", "<<x>>", "|x|", "a''b", "10−3 ≥ 2", "[x] first", "* starred", "x,,y",
        "a~b^c", "\\end{tabular}", "日本語 x", "^^41", "---", "café",
    ]  # fmt: skip
    pdf = compiled(
        "\n\n".join(["\\pagestyle{empty}", table(["日"]).splitlines()[0], *map(tex, names)]), tmp_path, draft=False
    )
    done = subprocess.run(["pdftotext", "-raw", str(pdf), "-"], capture_output=True, text=True, check=True)
    said = unicodedata.normalize("NFKC", done.stdout).translate(str.maketrans("’\u0303\u02c6", "'~^"))
    lines = [re.sub(r"\s", "", line) for line in said.splitlines() if line.strip()]
    meant = [name.replace("日本語", "U+65E5U+672CU+8A9E") for name in names]
    assert lines == [re.sub(r"\s", "", name) for name in meant]


def test_one_text_has_one_latex() -> None:
    """Letters and accents apart or together; Greek as mathematics; what pdfLaTeX lacks beside its number."""
    assert tex("a\u0301") == tex("á") == "á"
    assert tex("αΩ") == r"\typesetor{αΩ}{$\alpha$ $\Omega$}"
    assert tex("x日本") == r"x\typesetor{日本}{U+65E5 U+672C}"
    assert tex("a--b") == "a-{}-b"
    assert tex("[x]") == "{}[x]"
    assert r"\providecommand" not in table(["a ≥ b"])
