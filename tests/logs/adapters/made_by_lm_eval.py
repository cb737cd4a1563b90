"""Makes small real logs of lm-evaluation-harness with its dummy model: python made_by_lm_eval.py FOLDER.

Three tasks of local files, two of them in a group, one with two filters; evaluated as checkpoints step0, step100
and step200, step200 twice. Nothing is downloaded. tests/logs/adapters/data/lm_eval was made so, without the
description of the machine.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ITEMS = 8
RUNS = (("step0", 1), ("step100", 2), ("step200", 3), ("step200", 4))
CHOICE = """
task: {name}
dataset_path: json
dataset_kwargs: {{data_files: {{test: {name}.jsonl}}}}
test_split: test
output_type: multiple_choice
doc_to_text: "{{{{q}}}}"
doc_to_choice: "{{{{choices}}}}"
doc_to_target: label
metric_list:
  - {{metric: acc, aggregation: mean, higher_is_better: true}}
  - {{metric: acc_norm, aggregation: mean, higher_is_better: true}}
metadata: {{version: 1.0}}
"""
TEXT = """
task: written
dataset_path: json
dataset_kwargs: {data_files: {test: written.jsonl}}
test_split: test
output_type: generate_until
doc_to_text: "{{q}}"
doc_to_target: "{{answer}}"
generation_kwargs: {until: ["."]}
metric_list:
  - {metric: exact_match, aggregation: mean, higher_is_better: true}
filter_list:
  - {name: strict, filter: [{function: regex, regex_pattern: "^(.+)$"}, {function: take_first}]}
  - {name: loose, filter: [{function: regex, regex_pattern: "(o)"}, {function: take_first}]}
metadata: {version: 1.0}
"""
GROUP = """
group: chosen
task: [chosen_a, chosen_b]
aggregate_metric_list:
  - {metric: acc, aggregation: mean, weight_by_size: true}
metadata: {version: 1.0}
"""


def make(folder: Path) -> None:
    """Write tasks, data and, in out/, the logs of all runs into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("chosen_a", "chosen_b"):
        (folder / f"{name}.yaml").write_text(CHOICE.format(name=name))
        rows = [{"q": f"{name} {i}?", "choices": ["one", "two", "three"], "label": i % 3} for i in range(ITEMS)]
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "written.yaml").write_text(TEXT)
    answers = [{"q": f"say {i}", "answer": "lol" if i % 4 == 0 else "o"} for i in range(ITEMS)]
    (folder / "written.jsonl").write_text("".join(json.dumps(row) + "\n" for row in answers))
    (folder / "group.yaml").write_text(GROUP)
    for checkpoint, seed in RUNS:
        command = [
            sys.executable, "-m", "lm_eval", "run", "--model", "dummy", "--tasks", "chosen,written",
            "--include_path", ".", "--output_path", f"out/{checkpoint}", "--log_samples", "--seed", str(seed),
        ]  # fmt: skip
        quiet = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(folder / "cache"), "CUDA_VISIBLE_DEVICES": ""}
        done = subprocess.run(command, cwd=folder, env=quiet, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])


def without_machine(folder: Path) -> None:
    """Remove what results say of the machine."""
    for path in folder.rglob("results_*.json"):
        content = json.loads(path.read_text())
        content.pop("pretty_env_info", None)
        path.write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    make(Path(sys.argv[1]))
    without_machine(Path(sys.argv[1]))
