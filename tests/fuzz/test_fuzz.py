"""A thousand broken inputs, the same each time; any number by ``python -m tests.fuzz``."""

import pytest

from tests.fuzz import one
from tests.fuzz.kinds import KINDS

USUAL = 60
#: How many of a kind that costs less, or more.
COUNTS = {
    "message": 100, "mapping": 100, "code_table": 100, "dbf": 30, "verdicts": 30, "roll": 30, "delimited": 30, "parquet": 25, "archive": 25,
    "grouped": 25, "workbook": 20, "gate": 15, "measured": 15, "stays": 12, "page": 10, "profile": 10, "delivery": 8,
    "stated": 20, "scored": 12,
}  # fmt: skip
INTAKE = ("delivery", "roll", "platform", "withdrawn", "stated", "request")


def test_they_are_a_thousand():
    assert sum(COUNTS.get(kind, USUAL) for kind in KINDS) >= 1_000


@pytest.mark.parametrize("kind", KINDS)
def test_every_run_ends_in_one_sentence(kind, tmp_path):
    if kind in INTAKE:
        pytest.importorskip("alembic", reason="needs the extra service")
        pytest.importorskip("validator.gate.gx", reason="needs the extra service")
        pytest.importorskip("fastapi", reason="needs the extra service")
    wrong = {
        number: found
        for number in range(COUNTS.get(kind, USUAL))
        if (found := one.faults(kind, 1, number, tmp_path / str(number)))
    }
    assert not wrong
