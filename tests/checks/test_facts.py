"""Facts are what their examples say: each code of a list, each side of a boundary, what is blank."""

import pytest

from tests.checks import fact_examples
from tests.mutation import pages


@pytest.mark.parametrize("fact", dict.fromkeys(each.fact for each in fact_examples.every()))
def test_examples_of_a_fact(fact: str) -> None:
    """On the row road; the columns of batches say the same: ``tests/checks/rows/test_roads.py``."""
    assert fact in pages.CATALOGUE.facts
    own = [each for each in fact_examples.every() if each.fact == fact]
    found = [(repr(each.found(each.plan)), each) for each in own]  # True is no 1
    wrong = [
        f"{each.layout} {each.patch}: {value}, not {each.value!r}" for value, each in found if value != repr(each.value)
    ]
    assert not wrong, "\n".join(wrong)
