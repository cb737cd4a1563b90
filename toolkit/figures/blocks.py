"""What does a notebook cell show: a block of data, drawn by the same macros in JupyterLab and on a page?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from toolkit.figures.environment import environment, render_block

MIME = "application/vnd.streamreview+json"


@dataclass(frozen=True)
class Block:
    """Something to show.

    kind: names the macro file blocks/<kind>.html.j2; data: JSON values only, texts unescaped;
    text: what a reader without HTML gets.
    """

    kind: str
    data: Mapping[str, Any]
    text: str

    def __post_init__(self) -> None:
        json.dumps(self.data, allow_nan=False)  # a block that cannot be stored must fail where it is made

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {
            MIME: {"kind": self.kind, "data": dict(self.data)},
            "text/html": self.html(),
            "text/plain": self.text,
        }

    def html(self) -> str:
        """The block alone, with its styles, as JupyterLab shows it."""
        body = render_block(self.kind, self.data)
        return str(environment().get_template("standalone.html.j2").render(body=body))
