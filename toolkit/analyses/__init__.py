"""One module a question; each takes the evidence of a release and returns estimates."""

from __future__ import annotations

from collections.abc import Callable

from toolkit.analyses.agreement import agreement
from toolkit.analyses.axes import alignment_page, feedback_page, generation_page
from toolkit.analyses.evidence import Analysis, Evidence
from toolkit.analyses.feedback import feedback
from toolkit.analyses.forgetting import forgetting
from toolkit.analyses.generation import generation
from toolkit.analyses.transfer import transfer

# By the notebook that shows it.
ANALYSES: dict[str, Callable[[Evidence], Analysis]] = {
    "transfer": transfer,
    "forgetting": forgetting,
    "feedback": feedback_page,
    "divergence": alignment_page,
    "generation": generation_page,
}

__all__ = ["ANALYSES", "Analysis", "Evidence", "agreement", "feedback", "forgetting", "generation", "transfer"]
