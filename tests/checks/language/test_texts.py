"""Every text of the repository: it is read, has a kind, and means the same on both roads on dirty cases."""

import polars as pl
import pytest
import sqlglot

from tests.checks.language.catalogue import dirty, of_pages, texts
from tests.checks.language.roads import by_columns, by_source, differing
from validator.base import files
from validator.checks import catalogue
from validator.checks.language import names_in
from validator.checks.language.meanings import BY_NAME
from validator.checks.plan import Plan
from validator.spec import facts, interfaces, layouts, profiles, rule_pages

INTERFACES = ("4101", "4101A")
EVERY = (*INTERFACES, "4401", "HQMS", "WT4", "2301", "FEE_LIST_D", "2204", "4101+2301", "4101+FEE_LIST_D")
#: sqlglot's nodes for the examples of all constructs, with their arguments. A version that reads a text otherwise shows here.
CENSUS = {
    "Abs": "this",
    "Add": "expression this",
    "And": "expression this",
    "Anonymous": "expressions this",
    "Between": "high low this",
    "Boolean": "this",
    "Case": "default ifs this",
    "Cast": "this to",
    "Coalesce": "expressions this",
    "Column": "table this",
    "DataType": "this",
    "EQ": "expression this",
    "EndsWith": "expression this",
    "Extract": "expression this",
    "Floor": "this",
    "GT": "expression this",
    "GTE": "expression this",
    "Greatest": "expressions ignore_nulls this",
    "Identifier": "this",
    "If": "this true",
    "In": "expressions this",
    "Interval": "this unit",
    "Is": "expression this",
    "LT": "expression this",
    "LTE": "expression this",
    "Least": "expressions ignore_nulls this",
    "Left": "expression this",
    "Length": "this",
    "Like": "expression negate this",
    "Literal": "is_string this",
    "Lower": "this",
    "Mod": "expression this",
    "Mul": "expression this",
    "NEQ": "expression this",
    "Neg": "this",
    "Not": "this",
    "Null": "",
    "Or": "expression this",
    "Paren": "this",
    "Placeholder": "this",
    "RegexpLike": "expression this",
    "StartsWith": "expression this",
    "StrPosition": "substr this",
    "Sub": "expression this",
    "Upper": "this",
    "Var": "this",
}


CONSTANTS = {"CAST(NULL AS INTEGER)", "TRUE", "FALSE"}


def census(texts) -> dict[str, str]:
    found = dict[str, set[str]]()
    for text in texts:
        for node in sqlglot.parse_one(text, dialect="duckdb").walk():
            filled = {name for name, value in node.args.items() if value not in (None, False, [], "")}
            found.setdefault(type(node).__name__, set()).update(filled)
    return {name: " ".join(sorted(args)) for name, args in found.items()}


def all_texts() -> list[str]:
    found = [text.text for rule in rule_pages.load().values() for text in (rule.when, rule.expect) if text]
    for fact in facts.load().values():
        found += [text.text for text in (*fact.alternatives, *([fact.where] if fact.where else []))]
    for layout in layouts.load().values():
        found += [
            row.required_when for table in layout.tables.values() for row in table.fields.values() if row.required_when
        ]
    for path in (files.data("schemas") / "profiles").glob("*.yaml"):
        found += [text for text in profiles.load(path.stem).required.values() if text != interfaces.ALWAYS]
    return found


def test_the_census_of_nodes():
    assert census(text for op in BY_NAME.values() for text, *_ in op.examples) == CENSUS


def test_the_texts_need_no_other_nodes():
    found = census(all_texts())
    assert set(found) <= set(CENSUS)
    assert all(set(args.split()) <= set(CENSUS[name].split()) for name, args in found.items())


def test_every_text_is_read():
    assert len(all_texts()) > 600
    for text in all_texts():
        assert names_in(text) or text in CONSTANTS


@pytest.mark.parametrize("interface", INTERFACES)
def test_what_a_text_reads_are_the_columns_that_it_needs(interface):
    for written in texts(interface).found:
        assert set(written.expression.reads) == set(written.expression.columns().meta.root_names()), written.where


def test_no_text_is_left_out():
    compiled = {written.expression.text for interface in EVERY for written in texts(interface).found}
    profile = {text for path in ("shandong-like", "sichuan-like") for text in profiles.load(path).required.values()}
    withdrawn = {
        text.text for rule in rule_pages.load().values() if rule.withdrawn for text in (rule.when, rule.expect) if text
    }
    left = set(all_texts()) - compiled - profile - withdrawn
    names = {name for interface in EVERY for known in texts(interface).known.values() for name in known}
    assert {text for text in left if set(names_in(text)) <= names} <= {"oprn_oprt_begntime"}


@pytest.mark.parametrize("name", ["shandong-like", "sichuan-like"])
def test_the_conditions_of_profiles_are_compiled(name):
    known = catalogue.load(name)
    plans = [Plan(known, interface, layout.tables) for interface, layout in known.layouts.items()]
    steps = {step.check.id: step for plan in plans for steps in plan.rules.values() for step in steps}
    for field, text in known.profile.required.items():
        if text != interfaces.ALWAYS:
            assert text in steps[f"{field}/required"].when.text


def differences(interface: str, frames: dict[str, pl.DataFrame]) -> list[str]:
    found, values = [], 0
    for table, frame in frames.items():
        here = [
            each
            for each in texts(interface).found
            if each.table == table and set(each.expression.reads) <= set(frame.columns)
        ]
        known = {name: kind for name, kind in texts(interface).known[table].items() if name in frame.columns}
        expressions = [each.expression for each in here]
        if not expressions or not frame.height:
            continue
        columns, source = by_columns(expressions, frame), by_source(expressions, frame, known)
        values += frame.height * len(expressions)
        found += [
            f"{each.where}: {frame[list(each.expression.reads)][rows[:2]].to_dicts()} {one[rows[:2]]} {other[rows[:2]]}"
            for each, one, other in zip(here, columns, source, strict=True)
            if len(rows := differing(one, other))
        ]
    assert values > frames["setlinfo"].height * 500
    return found


@pytest.mark.parametrize("interface", INTERFACES)
@pytest.mark.parametrize("junk", [0.03, 0.25])
def test_both_roads_agree_on_dirty_cases(interface, junk):
    assert differences(interface, dirty(interface, 60, junk)) == []


@pytest.mark.slow
@pytest.mark.parametrize("interface", INTERFACES)
@pytest.mark.parametrize("junk", [0.0, 0.03, 0.25])
def test_both_roads_agree_on_many_dirty_cases(interface, junk):
    assert differences(interface, dirty(interface, 2000, junk)) == []


@pytest.mark.parametrize("interface", INTERFACES)
def test_both_roads_agree_on_the_cases_of_every_page(interface):
    frames = of_pages(interface)
    assert frames["setlinfo"].height > 50
    assert differences(interface, frames) == []
