"""What is a part of a quantity called: another definition of it, another scope, a model, an age, an attribute?"""

from __future__ import annotations

from toolkit.results import Estimate

_PARTS = {
    "part=fixed": "wrong again, of mistakes once fixed",
    "part=never": "wrong, of items never wrong before",
    "part=isolated": "wrong when trained alone, of mistakes once fixed",
    "scope=tasks": "for new tasks of this kind",
    "shrunk=morris": "drawn to the mean",
    "since=previous-stage": "since the stage before",
    "model=power": "power law of age",
    "model=constant": "no decay",
    "model=mixed": "mixed model",
    "definition=null-band": "what luck alone would show",
    "definition=plug-in": "best of all stages since arrival",
    "ceiling=1": "were people always to agree",
}


def group_text(estimate: Estimate) -> str:
    """The part in plain words; empty for the whole. Names from the log stay as they are."""
    group = estimate.group
    if group is None:
        return ""
    if group in _PARTS:
        return _PARTS[group]
    name, _, value = group.partition("=")
    if name == "age":
        return f"after {value} further stage{'' if value == '1' else 's'}"
    if name == "definition":
        return value.replace("-", " ")
    return f"{name.removeprefix('attr_')}: {value}" if value else group
