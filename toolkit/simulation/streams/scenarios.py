"""What kinds of stream can be simulated? One scenario a difficulty that an analysis must cope with."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Judge:
    """A synthetic judge of the student's answers.

    praises: chance that it calls a wrong answer right; blames: that it calls a right answer wrong;
    looked_at: the chance of each judged answer that a person looks at it too, who is never wrong
    """

    praises: float = 0.30
    blames: float = 0.05
    looked_at: float = 0.10


@dataclass(frozen=True)
class Generator:
    """A generator of synthetic samples: how many a stage, and the shares that go wrong or are kept."""

    samples: int = 80
    unreadable: float = 0.03
    wrong: float = 0.08
    accepted: float = 0.80


@dataclass(frozen=True)
class StreamScenario:
    """A stream whose true values are known.

    tasks, seeds: how many; items: test items a task, repeated over the tasks; arms: which are logged
    level: logit of a task learned alone, rising and falling by `level_spread` from task to task
    transfer: logits that experience adds at arrival, `transfer_spread` from task to task; slow: whether
        neighbouring tasks resemble each other
    zero_shot: logits gained before arrival over the whole stream; forgetting: logits lost in the long run,
        with an age constant of three stages
    joint: logits that learning all tasks at once adds to that
    item_sd, turn_sd, seed_sd, cell_sd: logit sd of items, of items by arm, of training runs, and of their cells
    cluster: items that belong together; shared_items: whether all tasks are tested on the same items
    own_items: whether each training run is tested on items of its own
    missing: share of the evaluations that are lost; lost: an arm that lacks its last seed
    recurrence: logits that an item loses, which was wrong once and then right
    steps: progress at which learning curves are taken, the last one the budget; cells_only: log means, not items
    """

    about: str
    tasks: int = 8
    seeds: int = 3
    items: tuple[int, ...] = (120,)
    arms: tuple[str, ...] = ("stream", "isolated", "joint")
    level: float = 0.9
    level_spread: float = 0.5
    transfer: float = 0.4
    transfer_spread: float = 0.3
    slow: bool = False
    zero_shot: float = 1.0
    forgetting: float = 0.6
    joint: float = 0.1
    item_sd: float = 1.2
    turn_sd: float = 0.4
    seed_sd: float = 0.1
    cell_sd: float = 0.1
    cluster: int = 1
    shared_items: bool = False
    own_items: bool = False
    missing: float = 0.0
    lost: str | None = None
    recurrence: float = 0.0
    steps: tuple[int, ...] = ()
    cells_only: bool = False
    judge: Judge | None = field(default_factory=Judge)
    generator: Generator | None = None


SCENARIOS: dict[str, StreamScenario] = {
    "default": StreamScenario(
        "some transfer, some forgetting, learning curves, a judge that praises, a random tenth seen by people",
        steps=(100, 200, 400, 800),
        generator=Generator(),
    ),
    "no-effect": StreamScenario(
        "experience neither helps nor harms: transfer and forgetting are zero",
        transfer=0.0, transfer_spread=0.0, zero_shot=0.0, forgetting=0.0, joint=0.0,
    ),
    "ceiling": StreamScenario(
        "nearly every answer is right, with and without experience",
        level=4.8, level_spread=0.3, transfer=0.3, transfer_spread=0.1, forgetting=0.3,
    ),
    "few-seeds": StreamScenario("one training run", seeds=1),
    "two-seeds": StreamScenario("two training runs", seeds=2),
    "few-tasks": StreamScenario("three tasks", tasks=3),
    "clusters": StreamScenario("five items a passage, which are right or wrong together", cluster=5),
    "dropouts": StreamScenario(
        "a fifth of the evaluations is missing, tasks differ in size, one arm has lost a seed",
        seeds=4, items=(60, 200, 100, 140), missing=0.2, lost="isolated",
    ),
    "autocorrelated": StreamScenario(
        "tasks whose effects resemble those of their neighbours",
        tasks=24, seeds=2, items=(40,), arms=("stream", "isolated"), slow=True, transfer_spread=0.6, judge=None,
    ),
    "shared-items": StreamScenario("every task is tested on the same items", shared_items=True, judge=None),
    "recurrence": StreamScenario(
        "errors that were put right come back", recurrence=0.8, items=(200,), turn_sd=0.0, seed_sd=0.0, judge=None
    ),
    "matrix": StreamScenario("cell means only", seeds=5, own_items=True, cells_only=True, judge=None),
}  # fmt: skip
