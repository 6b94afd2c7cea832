import pytest

from tests.checks.language.roads import NAMES, SCOPE, by_columns, by_source, frame, units, value
from validator.checks.language import compile_text
from validator.checks.language.meanings import BY_NAME

EXAMPLES = [(op.name, *example) for op in BY_NAME.values() for example in op.examples]


@pytest.mark.parametrize(("op", "text", "values", "result"), EXAMPLES, ids=[f"{e[0]}: {e[1]} {e[2]}" for e in EXAMPLES])
def test_an_example_holds_on_both_roads(op, text, values, result):
    expression = compile_text(text, SCOPE)
    table = frame([{name: value(each, NAMES[name]) for name, each in values.items()}])
    expected = units(
        frame([{"v": value(result, expression.kind)}], {"v": expression.kind})["v"], expression.kind
    ).to_list()
    assert by_columns([expression], table)[0].to_list() == expected
    assert by_source([expression], table)[0].to_list() == expected
    assert expression.kind.nullable or result is not None


@pytest.mark.parametrize("op", BY_NAME.values(), ids=lambda op: op.name)
def test_every_construct_has_examples_and_says_what_it_is(op):
    assert op.examples or op.name == "times"  # put in where kinds meet; the comparisons' examples run it
    assert type(op).__doc__
    assert any(op.name in {node.op.name for node in compile_text(text, SCOPE).tree.walk()} for text, *_ in op.examples) or op.name in (
        "times", "parameter", "cast date", "cast moment", "cast text",
    )  # fmt: skip
