"""Krippendorff's alpha of the three human ratings of the HANNA stories, by criterion, by krippendorff.

In an environment of its own: pip install krippendorff pandas
python hanna.py hanna_metric_scores_llm.csv.gz > hanna.json
"""

import ast
import importlib.metadata as metadata
import json
import sys

import krippendorff
import numpy as np
import pandas as pd

frame = pd.read_csv(sys.argv[1])
found = {}
for code in ("RE", "CH", "EM", "SU", "EG", "CX"):
    columns = (frame[f"Human {k} {code}"] for k in (1, 2, 3))
    ratings = np.array([np.concatenate([ast.literal_eval(cell) for cell in column]) for column in columns])
    found[code] = {
        level: float(krippendorff.alpha(ratings, level_of_measurement=level))
        for level in ("nominal", "ordinal", "interval")
    }
made_with = {"krippendorff": metadata.version("krippendorff")}
sys.stdout.write(json.dumps({"made_with": made_with, "krippendorff_alpha": found}, indent=1) + "\n")
