"""A thousand broken inputs, the same each time; any number by ``python -m tests.fuzz``."""

import pytest

from tests.fuzz import one
from tests.fuzz.kinds import KINDS

DEAR = {"page": 40, "workbook": 40, "gate": 20, "delimited": 60, "parquet": 60, "mapping": 20, "code_table": 40}


@pytest.mark.parametrize("kind", KINDS)
def test_every_run_ends_in_one_sentence(kind, tmp_path):
    wrong = {
        number: found
        for number in range(DEAR.get(kind, 100))
        if (found := one.faults(kind, 1, number, tmp_path / str(number)))
    }
    assert not wrong
