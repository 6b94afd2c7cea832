"""The rule language: what it means, where it cannot be read, and that compiled rules say what a naive reading says."""

import itertools
import operator

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from validator.grouping.language import Among, Compare, Every, Not, RuleError, Some, compiled, numbers, parse, sets

A, B = Among(("ZYZD",), ("DI_A",)), Among(("ZYSS",), ("OP_B",))


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", Every()),
        ("1", Every()),
        (" \u00a0 ", Every()),
        ("ZYZD in DI_A", A),
        ("zyzd IN DI_A", A),
        ("{ZYSS, QTSS} in {OP_A, OP_B}", Among(("ZYSS", "QTSS"), ("OP_A", "OP_B"))),
        ("ZYSS not in OP_B", Not(B)),
        ("QTZD in MCC", Among(("QTZD",), ("MCC",))),
        ("NL >= 70", Compare("NL", ">=", 70)),
        ("XSRTZ<1500", Compare("XSRTZ", "<", 1500)),
        ("XB = 1", Compare("XB", "=", 1)),
        ("NL <> 0.5", Compare("NL", "<>", 0.5)),
        ("length(OP_B ∩ {ZYSS, QTSS}) >= 2", Among(("ZYSS", "QTSS"), ("OP_B",), ">=", 2)),
        ("length({ZYSS, QTSS} ∩ OP_B) = 1", Among(("ZYSS", "QTSS"), ("OP_B",), "=", 1)),
        ("ZYZD in DI_A_x000D_\n and _x000A_\u200b ZYSS in OP_B", Every((A, B))),
        ("（ZYZD in DI_A）and ZYSS in OP_B", Every((A, B))),
        ("1 and ZYZD in DI_A", Every((Every(), A))),
        ("QTZD in {MCC, DI_A}", Some((Among(("QTZD",), ("MCC",)), Among(("QTZD",), ("DI_A",))))),
    ],
)
def test_what_a_rule_means(text, tree):
    assert parse(text) == tree


def test_or_binds_least_then_and_then_not():
    c = Compare("NL", "<", 18)
    assert parse("ZYZD in DI_A or ZYSS in OP_B and NL < 18") == Some((A, Every((B, c))))
    assert parse("ZYZD in DI_A and ZYSS in OP_B or NL < 18") == Some((Every((A, B)), c))
    assert parse("not ZYZD in DI_A and ZYSS in OP_B") == Every((Not(A), B))
    assert parse("not (ZYZD in DI_A and ZYSS in OP_B)") == Not(Every((A, B)))
    assert parse("not not ZYZD in DI_A") == Not(Not(A))
    assert parse("(ZYZD in DI_A or ZYSS in OP_B) and NL < 18") == Every((Some((A, B)), c))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("ZYZD in", 8),
        ("ZYZD of DI_A", 6),
        ("ZYZD in DI_A and", 17),
        ("(ZYZD in DI_A", 14),
        ("ZYZD in DI_A)", 13),
        ("ZYZD in DI_A ZYSS in OP_B", 14),
        ("ZYXD in DI_A", 1),
        ("NL in DI_A", 4),
        ("NL >= DI_A", 7),
        ("NL", 3),
        ("ZYZD in DI_A & ZYSS in OP_B", 14),
        ("{ZYSS, QTSS in OP_B", 13),
        ("{ZYSS, NL} in OP_B", 12),
        ("length(OP_B ∩ {ZYSS, QTSS})", 28),
        ("length(OP_B, {ZYSS, QTSS}) >= 2", 12),
        ("ZYZD in MCC", 12),
        ("ZYZD in DI_A\n  or ?", 17),
    ],
)
def test_where_a_rule_cannot_be_read(text, place):
    with pytest.raises(RuleError) as error:
        parse(text)
    assert error.value.place == place
    assert f"第 {place} 字" in str(error.value)
    assert error.value.en


def test_what_a_rule_speaks_of():
    tree = parse("{ZYZD, QTZD} in {DI_A, DI_C} and not (QTZD in MCC or NL < 1 and XSRTZ < 1500)")
    assert sets(tree) == {"DI_A", "DI_C"}
    assert numbers(tree) == {"NL", "XSRTZ"}


# ---- compiled rules against a naive reading

SETS = {"DI_A": {"a", "b"}, "DI_C": {"b", "c"}, "OP_B": {"p", "q"}, "OP_D": {"q", "r", "s"}}
SIGNS = {
    ">=": operator.ge, "<=": operator.le, "<": operator.lt, ">": operator.gt, "=": operator.eq, "==": operator.eq,
    "<>": operator.ne, "!=": operator.ne,
}  # fmt: skip


def naive(tree, case):
    """True, False or None (unknown), as Kleene has it."""
    match tree:
        case Among(fields, names, sign, number):
            union = set().union(*(SETS[name] for name in names))
            count = sum(code in union for field in fields for code in case[field])
            return SIGNS[sign](count, number)
        case Compare(field, sign, number):
            return None if case[field] is None else SIGNS[sign](case[field], number)
        case Not(part):
            held = naive(part, case)
            return None if held is None else not held
        case Every(parts):
            held = {naive(part, case) for part in parts}
            return False if False in held else None if None in held else True
        case Some(parts):
            held = {naive(part, case) for part in parts}
            return True if True in held else None if None in held else False


def ours(tree, every):
    """The compiled rule over all cases, memberships counted beforehand."""
    columns = {}

    def column(among):
        name = columns.setdefault(among, f"_{len(columns)}")
        union = set().union(*(SETS[each] for each in among.sets))
        counts = [sum(code in union for field in among.fields for code in case[field]) for case in every]
        plain = (among.sign, among.number) == (">=", 1)
        held[name] = pl.Series([count >= 1 for count in counts] if plain else counts)
        return name

    held = {}
    expression = compiled(tree, column)
    values = {
        name: pl.Series([case[name] for case in every], dtype=pl.Int64) for name in ("NL", "XB", "XSRTL", "XSRTZ")
    }
    frame = pl.DataFrame(values | held)
    return frame.with_columns(expression.alias("_stated"))["_stated"].to_list()


codes = st.sampled_from("abcpqrsz")
number = st.none() | st.integers(0, 3)
cases = st.fixed_dictionaries(
    {
        "ZYZD": st.lists(codes, max_size=1), "QTZD": st.lists(codes, max_size=4), "ZYSS": st.lists(codes, max_size=1),
        "QTSS": st.lists(codes, max_size=4), "NL": number, "XB": number, "XSRTL": number, "XSRTZ": number,
    }
)  # fmt: skip
fields = st.lists(st.sampled_from(["ZYZD", "QTZD", "ZYSS", "QTSS"]), min_size=1, max_size=3, unique=True).map(tuple)
some_sets = st.lists(st.sampled_from(sorted(SETS)), min_size=1, max_size=3, unique=True).map(tuple)
leaves = (
    st.builds(Among, fields, some_sets)
    | st.builds(Among, fields, some_sets, st.sampled_from(sorted(SIGNS)), st.sampled_from([0.0, 1.0, 2.0, 3.0]))
    | st.builds(
        Compare, st.sampled_from(["NL", "XB", "XSRTL", "XSRTZ"]), st.sampled_from(sorted(SIGNS)), st.sampled_from([0.0, 1.0, 2.0])
    )
)  # fmt: skip
trees = st.recursive(
    leaves,
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(Every, st.lists(inner, max_size=3).map(tuple))
        | st.builds(Some, st.lists(inner, min_size=1, max_size=3).map(tuple))
    ),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(trees, st.lists(cases, min_size=1, max_size=8))
def test_compiled_rules_say_what_a_naive_reading_says(tree, every):
    assert ours(tree, every) == [naive(tree, case) for case in every]


def written(tree):
    """A tree as text, with no more brackets than it needs within and, or, not."""
    match tree:
        case Among(names, groups, sign, number):
            left, right = (f"{{{', '.join(each)}}}" if len(each) > 1 else each[0] for each in (names, groups))
            plain = (sign, number) == (">=", 1)
            return f"{left} in {right}" if plain else f"length({right} ∩ {left}) {sign} {number:g}"
        case Compare(name, sign, number):
            return f"{name} {sign} {number:g}"
        case Not(part):
            return f"not {bracketed(part, (Every, Some))}"
        case Every(parts):
            return " and ".join(bracketed(part, (Every, Some)) for part in parts) if parts else "1"
    return " or ".join(bracketed(part, (Some,)) for part in tree.parts)


def bracketed(tree, kinds):
    text = written(tree)
    return f"({text})" if isinstance(tree, kinds) and tree != Every() else text


def simple(tree):
    """Rules of one part are that part."""
    match tree:
        case Not(part):
            return Not(simple(part))
        case Every(parts) | Some(parts):
            inner = tuple(map(simple, parts))
            return inner[0] if len(inner) == 1 else type(tree)(inner)
    return tree


@settings(max_examples=200, deadline=None)
@given(trees.map(simple))
def test_a_tree_written_out_is_read_back(tree):
    assert parse(written(tree)) == tree


def test_unknown_numbers_follow_kleene():
    low = Compare("NL", "<", 2)
    values = {True: {"NL": 1}, False: {"NL": 3}, None: {"NL": None}}
    blank = {"ZYZD": [], "QTZD": [], "ZYSS": [], "QTSS": [], "XB": None, "XSRTL": None, "XSRTZ": None}
    yes, no = Every(), Not(Every())
    for other, kind in itertools.product((yes, no), (Every, Some)):
        tree = kind((low, other))
        every = [blank | value for value in values.values()]
        assert ours(tree, every) == [naive(tree, case) for case in every]
