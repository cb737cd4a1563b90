"""Plain words for results: numbers with honest digits, sentences with intervals, verdict chips, a glossary.

text_of(sentence(estimate, score_range))  "Billing lost 3.1 points (95 % interval 1.8 to 4.4) ..."
text_of(reading(estimate))                "3.1 points lost"
chip(verdict, finding).text               "Healthy, better"
"""

from toolkit.language.changes import change
from toolkit.language.counts import counted, counts, level_of, level_text, settling, stage_of
from toolkit.language.glossary import Term, known_terms, term, terms
from toolkit.language.groups import group_text
from toolkit.language.names import clean, clean_lines, short
from toolkit.language.numbers import Number, Scale, decimals, digits, number, plain, scale_of
from toolkit.language.phrases import (
    amount,
    interval,
    margin,
    reading,
    scale_for,
    scope_text,
    with_interval,
)
from toolkit.language.pieces import Name, Part, Parts, Quoted, choice, joined, quoted, tally, text_of
from toolkit.language.sentences import sentence
from toolkit.language.verdicts import Chip, chip, urgency
from toolkit.language.wordings import (
    AXIS_QUESTIONS,
    AXIS_TITLES,
    better_side,
    harms_both_sides,
    wording_of,
)

__all__ = [
    "AXIS_QUESTIONS",
    "AXIS_TITLES",
    "Chip",
    "Name",
    "Number",
    "Part",
    "Parts",
    "Quoted",
    "Scale",
    "Term",
    "amount",
    "better_side",
    "change",
    "chip",
    "choice",
    "clean",
    "clean_lines",
    "counted",
    "counts",
    "decimals",
    "digits",
    "group_text",
    "harms_both_sides",
    "interval",
    "joined",
    "known_terms",
    "level_of",
    "level_text",
    "margin",
    "number",
    "plain",
    "quoted",
    "reading",
    "scale_for",
    "scale_of",
    "scope_text",
    "sentence",
    "settling",
    "short",
    "stage_of",
    "tally",
    "term",
    "terms",
    "text_of",
    "urgency",
    "with_interval",
    "wording_of",
]
