"""What does results.json look like to a program? Its JSON Schema, as published in docs/.

python -m toolkit.results.schema > docs/results.schema.json
"""

from __future__ import annotations

import json
import sys

from toolkit.results.report import Results


def json_schema() -> str:
    """The JSON Schema of results.json as written, with its computed ids, as indented text."""
    return json.dumps(Results.model_json_schema(mode="serialization"), indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.stdout.write(json_schema())
