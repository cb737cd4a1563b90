"""How tests import a source by the command line's own way, and look at what became of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.logs.streams import rejected
from toolkit.cli.imports import imports
from toolkit.logs.config import StreamConfig
from toolkit.logs.read import read_stream


@dataclass(frozen=True)
class Imported:
    """What an import wrote: rows by table, what it left out by (what, why), its warnings, and stream.toml."""

    rows: dict[str, list[dict[str, Any]]]
    left: dict[tuple[str, str], int]
    warnings: list[str]
    config: StreamConfig

    def left_out(self, words: str) -> int:
        """How many things were left out for reasons that hold these words."""
        return sum(n for (what, why), n in self.left.items() if words in f"{what}: {why}")

    def warned(self, words: str) -> bool:
        """Whether a warning holds these words."""
        return any(words in text for text in self.warnings)

    def matrix(self, **where: Any) -> dict[tuple[int, str], float]:
        """Mean score by stage and task, of the evaluations with these cells."""
        cells: dict[tuple[int, str], list[float]] = {}
        for row in self.rows.get("evaluations", []):
            if all(row.get(name) == value for name, value in where.items()):
                cells.setdefault((row["stage"], row["task"]), []).append(row["score"])
        return {cell: sum(scores) / len(scores) for cell, scores in cells.items()}


def import_as(name: str, source: Path, to: Path, **options: Any) -> Imported:
    """Import, and read the stream back: the reader must take every row that the import wrote, without a change."""
    imports(name, source, to, **options)
    with read_stream(to) as log:
        assert rejected(log) == []
        config = log.config
    part = json.loads((to / "import.json").read_text())["parts"][options.get("part") or name]
    rows = {
        path.parent.name: [json.loads(line) for line in path.read_text().splitlines()]
        for path in sorted(to.glob("*/*.jsonl"))
    }
    left = {(entry["what"], entry["why"]): entry["count"] for entry in part["left_out"]}
    return Imported(rows, left, part["warnings"], config)
