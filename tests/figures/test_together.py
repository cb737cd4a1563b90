"""Tables of numbers looked at together: definitions with their spread, tasks with their flags, headlines."""

from tests.figures.test_blocks import Marks
from toolkit.figures import definitions_table, estimates_table, family_table, tasks_table
from toolkit.figures.environment import render_block
from toolkit.results import Estimate


def estimate(value, **more):
    fields = {"quantity": "backward_transfer", "axis": "forgetting", "value": value, "scope": "seeds"}
    return Estimate.model_validate(fields | {"low": value - 0.01, "high": value + 0.01} | more)


def test_the_spread_between_definitions_is_said_beside_the_interval():
    """From the lowest to the highest of one unit; another unit does not enter."""
    block = definitions_table(
        [
            estimate(-0.02, method="t over seeds"), estimate(-0.25, group="definition=all-pairs", method="continuum"),
            estimate(3.0, quantity="max_forgetting", unit="share", group="definition=plug-in"),
        ],
        "Backward transfer",
    )  # fmt: skip
    text = f"{block.text} {block.data['note']}".replace("\u00a0", " ")
    assert "From 25.0 points lost to 2.0 points lost by definition alone" in text
    assert "95 % interval of the first is 1.0 to 3.0" in text
    assert "Backward transfer (this report)" in text
    assert "all pairs" in text


def test_one_definition_against_two_arms_names_them():
    """Two rows of one title say what each is compared with; a single one does not."""
    gain = {"quantity": "forward_transfer", "axis": "transfer"}
    both = [estimate(0.05, against="isolated", **gain), estimate(0.02, against="fresh", **gain)]
    text = definitions_table(both, "c").text
    assert "Forward transfer, against isolated (this report)" in text
    assert "Forward transfer, against fresh (this report)" in text
    assert "against" not in definitions_table(both[:1], "c").text


def test_tasks_show_raw_and_shrunken_values_with_adjusted_p():
    raw = [
        estimate(-0.2, task="billing", p_adjusted=0.0001, adjustment="Benjamini-Hochberg"),
        estimate(0.1, task="refunds", p_adjusted=0.04, adjustment="Benjamini-Hochberg"),
    ]
    shrunk = [estimate(-0.15, task="billing", group="shrunk=morris")]
    block = tasks_table(raw, shrunk, "Tasks")
    marks = Marks(render_block(block.kind, block.data))
    numbers = {(id_, field) for id_, field, _ in marks.numbers}
    assert ("backward_transfer/stream/billing", "p_adjusted") in numbers
    assert ("backward_transfer/stream/billing/shrunk=morris", "value") in numbers
    text = block.text.replace("\u00a0", " ")
    assert "< 0.001" in text
    assert "0.04" in text
    assert "decides no verdict" in block.data["note"]


def test_headlines_are_named_with_their_correction():
    block = family_table([estimate(-0.02, p_adjusted=0.03, adjustment="Holm")])
    assert "Holm" in block.data["note"]
    assert "0.03" in block.text


def test_an_unclear_row_says_what_would_settle_it():
    unclear = estimate(-0.01, margin=0.02, verdict="unclear", finding="unclear", settled_by={"items": 1400, "seeds": 6})
    block = estimates_table([unclear, estimate(0.01, margin=0.02, verdict="healthy")], "All")
    told = block.text.replace("\u00a0", " ")
    assert told.count("About 1,400 test items or 6 seeds in all would settle it (80 % power).") == 1
    assert 'data-field="settled_by.items">1,400<' in render_block(block.kind, block.data)
