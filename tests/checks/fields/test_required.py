"""Fields are demanded where their examples say so: each code of a list, each side of a boundary, what is blank."""

import pytest

from tests.checks.fields import required_examples
from tests.mutation import pages
from validator.checks.language import trees


@pytest.mark.parametrize("field", required_examples.every())
def test_where_a_field_is_demanded(field: str) -> None:
    interface, _, column = field.partition("/")
    table, _, name = column.partition(".")
    row = pages.CATALOGUE.layouts[interface].tables[table].fields[name]
    condition = pages.compiled(pages.plan(interface), table, trees.tree(row.required_when))
    wrong = [each.patch for each in required_examples.every()[field] if each.holds(condition) is not each.wanted]
    assert not wrong
