"""Makes small real Inspect logs with its own mock model: python made_by_inspect.py FOLDER [json].

Two tasks evaluated at stages 0, 1 and 2. `alpha` has two epochs and two scorers, `beta` a scorer by a (mock)
judge and one that answers in objects. Nothing is downloaded. tests/logs/adapters/data/inspect was made so.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

ITEMS = 4
STAGES = (0, 1, 2)


def right(task: str, stage: int, item: int, epoch: int) -> bool:
    """Whether the mock model answers right: more so once the task has been learned."""
    learned = stage >= {"alpha": 1, "beta": 2}[task]
    return item < (3 if learned else 1) or (item == 3 and epoch == 1)


def make(folder: Path, form: str = "eval") -> None:
    """Write the logs of all stages into `folder`, as .eval or .json."""
    from inspect_ai import Task
    from inspect_ai import eval as evaluate
    from inspect_ai.dataset import Sample
    from inspect_ai.model import ModelOutput, ModelUsage, get_model
    from inspect_ai.scorer import Score, includes, match, mean, model_graded_qa, scorer
    from inspect_ai.solver import generate

    def output(text: str) -> Any:
        answer = ModelOutput.from_content("mockllm/model", text)
        answer.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)  # else it would be downloaded
        return answer

    @scorer(metrics={"exact": [mean()], "short": [mean()]})
    def form_of_answer() -> Any:
        async def score(state: Any, target: Any) -> Any:
            text = state.output.completion
            return Score(value={"exact": float(text == target.text), "short": float(len(text) < 3)})

        return score

    def task(name: str, stage: int) -> Any:
        judge = get_model("mockllm/model", custom_outputs=[output(f"GRADE: {'CPI'[i % 3]}") for i in range(ITEMS)])
        scorers = (
            [match(), includes()] if name == "alpha" else [match(), model_graded_qa(model=judge), form_of_answer()]
        )
        return Task(
            name=name,
            dataset=[Sample(id=f"{name}-{i}", input=f"What is {i} + {i}?", target=str(2 * i)) for i in range(ITEMS)],
            solver=generate(),
            scorer=scorers,
            epochs=2 if name == "alpha" else 1,
            metadata={"stage": stage},
        )

    for stage in STAGES:
        for name in ("alpha", "beta"):
            epochs = (1, 2) if name == "alpha" else (1,)
            answers = [output(str(2 * i) if right(name, stage, i, e) else "odd") for e in epochs for i in range(ITEMS)]
            model = get_model("mockllm/model", custom_outputs=answers)
            logs = evaluate(
                task(name, stage), model=model, log_dir=str(folder), log_format=form, display="none", max_connections=1
            )
            if logs[0].status != "success":
                raise RuntimeError(str(logs[0].error))


if __name__ == "__main__":
    make(Path(sys.argv[1]), *sys.argv[2:])
