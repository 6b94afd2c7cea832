"""What a tree says of itself, and the code that is made of several."""

import pytest

from tests.checks.language.roads import SCOPE
from validator.checks.language import Function, Scope, UnknownNameError, compile_text, load, module, names_in, number
from validator.checks.language.reads import Implied


def compiled(text):
    return compile_text(text, SCOPE)


def test_names_in_order_of_first_use():
    assert names_in("t = 'a' AND setlinfo.x > 1 AND u = t AND $days > 1") == ("t", "setlinfo.x", "u")
    assert compiled("u = t AND t = 'a'").reads == ("u", "t")


def test_an_unknown_name_says_which():
    with pytest.raises(UnknownNameError) as error:
        compiled("b AND setlinfo.nobody = 1")
    assert error.value.name == "setlinfo.nobody"
    assert error.value.place == (1, 7)


@pytest.mark.parametrize(
    ("text", "name", "out", "stays"),
    [
        ("t = 'a' AND b", "t", ["b", ""], ["a", None]),
        ("t IS NOT NULL AND n > k", "t", [None], ["a"]),
        ("t IN ('a', 'b') AND (b OR c)", "t", ["c"], ["a", "b", None]),
        ("NOT b AND n > 1", "b", [True], [False, None]),
        ("LEFT(t, 2) BETWEEN '01' AND '86' AND b", "t", ["87.1"], ["02", None]),
        ("n > 1 AND t ~ 'a'", "n", [1], [2, None]),
        ("x >= 2.5 AND b", "x", [249], [250]),
    ],
)
def test_a_guard_rules_out_what_makes_the_condition_false(text, name, out, stays):
    guard = next(guard for guard in compiled(text).guards if guard.name == name)
    assert all(guard.rules_out(value) for value in out)
    assert not any(guard.rules_out(value) for value in stays)


def test_or_has_no_guards():
    assert compiled("t = 'a' OR b").guards == ()
    assert compiled("t = u").guards == ()


@pytest.mark.parametrize(
    ("text", "name", "says"),
    [
        ("t = 'a'", "t", Implied(filled=True, values=frozenset({"a"}))),
        ("t IN ('a', 'b') AND t IN ('b', 'c')", "t", Implied(filled=True, values=frozenset({"b"}))),
        ("t IS NULL", "t", Implied(filled=False)),
        ("LEFT(t, 3) IN ('O80', 'O81')", "t", Implied(filled=True, begins=frozenset({"O80", "O81"}))),
        ("n BETWEEN 1 AND 3 AND n >= 2", "n", Implied(filled=True, low=2, high=3)),
        ("NOT b", "b", Implied(filled=True, values=frozenset({False}))),
        ("STARTS_WITH(t, 'Z') AND b", "t", Implied(filled=True, begins=frozenset({"Z"}))),
        ("n + k > 1", "k", Implied(filled=True)),
    ],
)
def test_what_follows_where_a_condition_is_true(text, name, says):
    assert compiled(text).implied[name] == says


def test_nothing_follows_from_or_case_and_coalesce():
    assert compiled("(t = 'a' OR b) AND COALESCE(n, 0) > 1").implied == {}


def test_functions_of_a_module_read_slots_and_store_values():
    slots = {"n": ("r", 0), "k": ("c", 2), "total": ("r", 3)}
    names = {"n": number(6), "k": number(6), "total": number(8)}
    trees = [compile_text(text, Scope(names)).tree for text in ("n + k", "total > 5", "n IS NULL")]
    code = module([Function("facts", trees, slots, {0: ("r", 3)}), Function("rules", trees[1:], slots, {})])
    functions, row = load(code), [2, None, None, None]
    assert functions["facts"](row, (None, None, 4)) == (6, True, False)
    assert row == [2, None, None, 6]
    assert functions["rules"](row, (None, None, None)) == (True, False)
    assert set(functions) == {"facts", "rules"}


@pytest.mark.parametrize("name", ["a b", "_a", "a(", "import os\nx", "函数"])
def test_a_function_has_a_plain_name(name):
    with pytest.raises(ValueError, match="function"):
        module([Function(name, [], {}, {})])


def test_texts_of_pages_reach_python_as_constants_only():
    text = "t = '''); import os; (''' AND u ~ '\\\\|'' or 1' AND t LIKE '%{x}''%'"
    code = module([Function("f", [compiled(text).tree], {"t": ("r", 0), "u": ("r", 1)}, {})])
    assert load(code)["f"](("'); import os; ('", "a"), ()) == (False,)
    assert "import os" not in str(code.co_names)


def test_the_deepest_text_runs():
    deep = "n" + " % 7" * 7
    for text in (
        "ABS(" * 20 + "n" + ")" * 20 + " = 1",
        f"{deep} = 1",
        "COALESCE(" * 20 + "b" + ", c)" * 20,
        "b" + " OR c AND b" * 40,
    ):
        tree = compiled(text).tree
        load(module([Function("f", [tree], dict.fromkeys(("n", "b", "c"), ("r", 0)), {})]))["f"]((True,), ())


def test_numbers_that_might_wrap_are_refused():
    scope = Scope({"n": number(18)})
    compile_text("n + n + n", scope)
    with pytest.raises(Exception, match="18 位"):
        compile_text("n * 10", scope)


def test_figures_of_the_profile_are_exact():
    assert compile_text("x * $ratio", SCOPE).kind.scale == 3
    assert compile_text("$days", SCOPE).tree.value == 28
