"""Some 500 broken inputs, the same each time; any number by ``python -m tests.fuzz``."""

import pytest

from tests.fuzz import one
from tests.fuzz.kinds import KINDS

DEAR = {
    "page": 15,
    "profile": 15,
    "workbook": 30,
    "gate": 15,
    "delimited": 40,
    "parquet": 30,
    "mapping": 60,
    "dbf": 30,
    "stays": 15,
}  #: of 100: what costs more


@pytest.mark.parametrize("kind", KINDS)
def test_every_run_ends_in_one_sentence(kind, tmp_path):
    wrong = {
        number: found
        for number in range(DEAR.get(kind, 100))
        if (found := one.faults(kind, 1, number, tmp_path / str(number)))
    }
    assert not wrong
