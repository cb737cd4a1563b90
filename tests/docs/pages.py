"""The blocks of code of a documentation page, with what is said of them in a comment right before."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
_MARK = re.compile(r"<!--\s*(not run|file|exit code):\s*(.+?)\s*-->")


@dataclass(frozen=True)
class Block:
    """One fenced block. mark, detail: of the comment before it; output: the text block that follows at once."""

    page: Path
    line: int
    language: str
    text: str
    mark: str = ""
    detail: str = ""
    output: str = ""

    @property
    def place(self) -> str:
        """Where it stands, as an editor opens it."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def commands(self) -> list[list[str]]:
        """The words of each shell line that is not empty; a backslash continues a line."""
        lines = self.text.replace("\\\n", " ").splitlines()
        return [words for words in (shlex.split(line, comments=True) for line in lines) if words]


def blocks_of(page: Path) -> list[Block]:
    """All fenced blocks of a page, in order."""
    found: list[Block] = []
    mark, detail, fresh = "", "", False
    for token in MarkdownIt().parse(page.read_text(encoding="utf-8")):
        if token.type == "fence" and token.map:
            language = token.info.split()[0] if token.info.strip() else ""
            if language == "text" and fresh and not mark:
                last = found.pop()
                found.append(Block(**{**vars(last), "output": token.content}))
                fresh = False
                continue
            found.append(Block(page, token.map[0] + 1, language, token.content, mark, detail))
            fresh = language == "sh"
            mark, detail = "", ""
        elif token.type == "html_block":
            match = _MARK.fullmatch(token.content.strip())
            mark, detail = match.groups() if match else ("", "")
        else:
            fresh = fresh and token.type.endswith("_close")
            mark, detail = ("", "") if not token.type.endswith("_close") else (mark, detail)
    return found
