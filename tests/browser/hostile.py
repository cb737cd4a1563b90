"""A stream log in which every word is hostile: names, raters, attributes, labels, texts, rejected rows, title."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tomlkit

from toolkit.logs import StreamLogWriter

BAD = {
    "tag": "<img src=x onerror=alert(1)>",
    "script": "</title></style></script><script>document.title='owned'</script>",
    "quote": "\"' onmouseover=alert(1) style=x x='",
    "link": "[click](javascript:alert(1)) ![pic](http://127.0.0.1:9/leak.png)",
    "svg": "<svg/onload=alert(1)><use href=http://127.0.0.1:9/x.svg#a>",
    "css": "<style>@import url(http://127.0.0.1:9/x.css)</style>",
    "math": "$x_1^2$ \\(\\href{javascript:alert(1)}{y}\\) $$z$$",
    "template": "{{ 7*7 }} {% include '/etc/passwd' %} `code` --> ]]>",
    "bidi": "\u202eevil\u202c \u2066שלום\u2069 עולם",
    "control": "two\nlines\x00\x07\x1b[31m red\x1b[0m",
    "emoji": "refunds 🧾🚀 👩‍👩‍👧",
    "wide": "W" * 160,
    "formula": '=HYPERLINK("http://127.0.0.1:9")',
}
TASKS = (BAD["tag"], BAD["wide"], BAD["script"] + BAD["bidi"], BAD["math"])


def write_hostile(folder: Path) -> Path:
    """The stream's folder: four tasks, two seeds, an isolated arm, feedback by people and judges, samples."""
    rng = np.random.default_rng(7)
    with StreamLogWriter(folder) as log:
        for seed in range(2):
            for j, task in enumerate(TASKS, start=1):
                _evaluations(log, rng, task, j, seed)
                _feedback(log, rng, task, j, seed)
                _samples(log, rng, task, j, seed)
        log.evaluation(stage=1, task=BAD["css"], item="i", score=1)  # of no known task: rejected, and told
    (folder / "stream.toml").write_text(tomlkit.dumps(_settings()), encoding="utf-8")
    return folder


def _evaluations(log: StreamLogWriter, rng: np.random.Generator, task: str, place: int, seed: int) -> None:
    for i in range(12):
        item = f"{BAD['svg']} {place} {i}"
        for stage in range(len(TASKS) + 1):
            rate = 0.9 - 0.08 * (stage - place) if stage >= place else 0.3
            log.evaluation(stage=stage, task=task, item=item, score=int(rng.random() < rate), seed=seed)
        log.evaluation(stage=place, task=task, item=item, score=int(rng.random() < 0.7), seed=seed, arm="isolated")
        log.evaluation(stage=place, task=task, item=item, score=int(rng.random() < 0.8), seed=seed, arm=BAD["quote"])


def _feedback(log: StreamLogWriter, rng: np.random.Generator, task: str, place: int, seed: int) -> None:
    attributes = {f"attr_{BAD['quote']}": BAD["css"] if rng.random() < 0.5 else BAD["link"], "attr_ok": BAD["template"]}
    for i in range(12):
        item, right = f"{BAD['svg']} {place} {i}", int(rng.random() < 0.6)
        for rater in (BAD["control"], BAD["emoji"]):
            log.feedback(stage=place, task=task, item=item, source="human", rater=rater, score=right, seed=seed)
        for rater in (BAD["link"], BAD["script"]):
            score = float(min(1, right * 0.6 + 0.4 * rng.random()))
            log.feedback(
                stage=place, task=task, item=item, source="synthetic", rater=rater, score=score, seed=seed, **attributes
            )


def _samples(log: StreamLogWriter, rng: np.random.Generator, task: str, place: int, seed: int) -> None:
    words = list(BAD.values())
    for i in range(10):
        text = " ".join(rng.choice(words, size=3)).replace("\x00", "")
        wrong = rng.random() < 0.3
        log.sample(
            stage=place, task=task, sample=f"{BAD['formula']} {place} {seed} {i}", seed=seed, accepted=bool(i % 3),
            origin="human" if i == 0 else "synthetic", target_label=BAD["tag"], parsed_label=BAD["tag"],
            verified_label=BAD["css"] if wrong else BAD["tag"], text=text,
        )  # fmt: skip


def _settings() -> dict[str, object]:
    chosen = {"value": 0.05, "chosen_by": BAD["tag"], "date": "2026-11-01", "reason": BAD["script"]}
    accepted = {"finding": "backward_transfer/stream/all", "by": BAD["svg"], "why": BAD["link"], "until": "2099-12-31"}
    return {
        "name": "hostile", "title": f"{BAD['script']} {BAD['tag']} {BAD['bidi']}", "release": "1",
        "score_range": [0, 1], "step_unit": BAD["css"], "max_rejected": 0.5, "models": {"judge": BAD["tag"]},
        "tasks": [{"name": task, "risk": "regulated" if task == TASKS[0] else "standard"} for task in TASKS],
        "feedback": {"range": [0, 1]}, "accepted": [accepted],
        "review": {"show_raters": True, "show_samples": "all", "human_sampling": "random",
                   "margins": {"forgetting": chosen, "feedback_bias": chosen}},
    }  # fmt: skip
