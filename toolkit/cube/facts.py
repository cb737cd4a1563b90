"""What does a log contain, of what decides what can be measured? Counts only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from toolkit.cube.engine import DuckEngine
from toolkit.cube.queries import NUMBER_OF_ITEMS

if TYPE_CHECKING:
    from toolkit.cube.engine import Engine
    from toolkit.logs import CheckedLog


@dataclass(frozen=True)
class Facts:
    """Counts over a whole log; 0 or empty where the log has none.

    arms: arm -> seeds. stages: distinct stages of arm `stream`. both: tasks evaluated at arrival and after
    the last stage. before: tasks evaluated before they arrived. matched: human labels of something a
    synthetic rater judged too. twice: items that two people judged. chosen: human labels with their
    probability. similarity: whether similarity.csv or embeddings of samples of two tasks tell it.
    """

    tasks: int = 0
    arms: tuple[tuple[str, int], ...] = ()
    orders: int = 0
    items: int = 0
    rows: int = 0
    rows_with_item: int = 0
    stages: int = 0
    both: int = 0
    before: int = 0
    curves: int = 0
    human: int = 0
    synthetic: int = 0
    matched: int = 0
    twice: int = 0
    chosen: int = 0
    judged_stages: int = 0
    attributes: tuple[str, ...] = ()
    lengths: int = 0
    positions: int = 0
    judge_families: int = 0
    generator_families: int = 0
    critiques: int = 0
    samples: int = 0
    accepted: int = 0
    verified: int = 0
    content: int = 0
    costs: int = 0
    origins: int = 0
    similarity: bool = False

    def seeds(self, arm: str) -> int:
        """Seeds logged for an arm."""
        return dict(self.arms).get(arm, 0)


def gather(log: CheckedLog, engine: Engine | None = None) -> Facts:
    """The facts of a checked log; engine: where its tables are, by default all with the log."""
    engine = engine or DuckEngine(log.connection)
    found: dict[str, Any] = {
        "tasks": len(log.config.tasks),
        "similarity": (log.folder / "similarity.csv").is_file(),
    }
    if "evaluations" in log.tables:
        found |= _evaluations(log, engine)
    if "feedback" in log.tables:
        found |= _one(engine, _FEEDBACK) | _one(engine, _TWICE) | {"attributes": log.attributes("feedback")}
    if "samples" in log.tables:
        samples = _one(engine, _SAMPLES)
        found["similarity"] |= samples.pop("embedded") > 1
        found |= samples
    return Facts(**found)


_CELLS = """
select coalesce(sum(n), 0)::bigint as rows, coalesce(sum(items), 0)::bigint as rows_with_item,
       count(distinct task_order) as orders, count(distinct stage) filter (arm = 'stream') as stages,
       count(distinct (arm, task_order, seed, stage, task)) filter (step is not null) as curves
from evaluation_cells
"""
_ARMS = "select arm, count(distinct seed) as seeds from evaluation_cells group by arm order by arm"
_SEEN = "select distinct task, stage from evaluation_cells where arm = 'stream' and task_order = 'default'"
_GIVEN = "abstained is not true and (score is not null or label is not null)"
_JUDGED = "arm, seed, stage, task, item, target"
_FEEDBACK = f"""
with given as (select * from feedback where {_GIVEN}),
judged as (select distinct {_JUDGED}, true as by_synthetic from given where source = 'synthetic')
select count(*) filter (source = 'human') as human,
       count(*) filter (source = 'synthetic') as synthetic,
       count(*) filter (source = 'human' and by_synthetic) as matched,
       count(*) filter (source = 'human' and probability is not null) as chosen,
       count(distinct stage) filter (source = 'synthetic') as judged_stages,
       count(length) as lengths, count(position) as positions,
       count(*) filter (form = 'critique') as critiques,
       count(distinct rater_family) as judge_families, count(distinct generator_family) as generator_families
from given left join judged using ({_JUDGED})
"""
_TWICE = f"""
select count(*) as twice from (
    select {_JUDGED} from feedback where source = 'human' and {_GIVEN}
    group by {_JUDGED} having count(distinct rater) > 1
) as several
"""
_SAMPLES = """
select count(*) as samples, count(accepted) as accepted, count(verified_label) as verified,
       count(*) filter (text is not null or embedding is not null) as content, count(cost) as costs,
       count(distinct origin) as origins, count(distinct task) filter (embedding is not null) as embedded
from samples
"""


def _evaluations(log: CheckedLog, engine: Engine) -> dict[str, Any]:
    found = _one(engine, _CELLS) | _one(engine, NUMBER_OF_ITEMS)
    arms = engine.rows(_ARMS).to_pylist()
    found["arms"] = tuple((row["arm"], row["seeds"]) for row in arms)
    position = {task.name: place for place, task in enumerate(log.config.tasks, 1)}
    stages: dict[str, set[int]] = {}
    for row in engine.rows(_SEEN).to_pylist():
        stages.setdefault(row["task"], set()).add(row["stage"])
    last = max((s for several in stages.values() for s in several), default=0)
    found["both"] = sum({position.get(t, -1), last} <= s and position.get(t) != last for t, s in stages.items())
    found["before"] = sum(min(s) < position.get(t, 0) for t, s in stages.items())
    return found


def _one(engine: Engine, query: str) -> dict[str, Any]:
    found: dict[str, Any] = engine.rows(query).to_pylist()[0]
    return found
