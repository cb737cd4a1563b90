"""A stream folder into which something was imported, beside its owner's files; and what is seen of it."""

from __future__ import annotations

from pathlib import Path

from tests.logs.adapters.support import import_

OLD = "stage,task,item,score\n1,a,x,1\n1,a,y,0\n"
NEW = "stage,task,item,score\n1,a,x,0\n2,a,x,1\n2,b,y,0\n"


def tree(folder: Path) -> dict[str, bytes]:
    """What a reader of the folder, or its owner, sees."""
    found = (p for p in sorted(folder.rglob("*")) if p.is_file())
    names = {p: p.relative_to(folder).as_posix() for p in found}
    return {name: p.read_bytes() for p, name in names.items() if not name.startswith(".")}


def hidden(folder: Path) -> list[str]:
    return [p.name for p in folder.iterdir() if p.name.startswith(".")]


def prepare(scene: Path) -> tuple[Path, Path]:
    """A stream folder (in Parquet) as an import and its owner left it, and a source to import there again."""
    source = scene / "scores.csv"
    scene.mkdir()
    source.write_text(OLD)
    start = scene / "start"
    import_("table", source, start, form="parquet")
    labels = scene / "labels.csv"
    labels.write_text("stage,task,item,rater,rating\n1,a,x,ann,5\n1,a,y,ann,2\n")
    import_("table", labels, start, kind="feedback", part="people")
    (start / "feedback" / "mine.jsonl").write_text(
        '{"stage": 1, "task": "a", "item": "x", "source": "human", "rater": "me", "score": 4}\n'
    )
    (start / "notebooks").mkdir()
    (start / "notebooks" / "own.ipynb").write_text("{}")
    source.write_text(NEW)
    return start, source
