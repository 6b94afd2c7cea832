"""The cases of pages notice what is one step away from right; how mutants are made, and which are proven to mean the same."""

from collections import defaultdict

import pytest

from tests import mutation
from tests.mutation import equal, pages, rules
from tests.mutation.trees import changes
from validator.checks.language import trees

#: What of the pages CI mutates, and by which seed they are drawn.
SLICE, SEED = 0.05, 24


def _words(text: str) -> list[str]:
    return [change.words.partition(" ")[2] for change in changes(trees.tree(text))]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a <= 28", ["<= → <", "<= → >", "28 - 1", "28 + 1"]),
        ("a = '1'", ["= → <>", "'1' → '2'"]),
        ("a AND NOT b", ["and → or", "and without a", "and without NOT b", "NOT a", "without NOT b"]),
        ("a IN ('1', '2')", ["NOT a IN ('1', '2')", "without '1'", "without '2'", "'1' → '2'", "'2' → '3'"]),
        ("x > $limit", ["> → >=", "> → <=", "$limit + 1", "$limit - 1"]),
        ("a IS NULL", ["NOT a IS NULL"]),
        (r"t ~ '\Aa|b\z'", [r"NOT t ~ '\\Aa|b\\z'", r"pattern 1: a|b\z", r"pattern 2: \Aa|b", r"pattern 3: b\z"]),
        ("COALESCE(a, FALSE)", ["COALESCE without a", "COALESCE without False", "False → True"]),
        ("CASE WHEN a THEN 1 ELSE n + k END", ["without WHEN a", "1 - 1", "1 + 1", "Add → Sub"]),
    ],
)
def test_every_way_to_be_wrong_by_one_step(text: str, wanted: list[str]) -> None:
    assert _words(text) == wanted


def test_what_is_proven_equal_fails_the_same_cases() -> None:
    """And something is proven: a guard that another part implies."""
    proven = [
        mutant
        for page in pages.pages()[::40]
        for mutant in rules.mutants(page)
        if mutant.killed is not None and mutant.equivalent
    ]
    assert proven
    for mutant in proven:
        for run, text in mutant.texts():
            assert run.agrees(text.verdict(run.plan, run.lists)[0]), mutant.words
    with pytest.raises(equal.TooManyError):
        list(equal.table([trees.tree(" AND ".join(f"a{number} = k" for number in range(16)))]))


def test_cases_notice_a_slice_of_all_mutants() -> None:
    """What survives is answered by a case or by a row of ``answered.csv``. All of them: ``python -m tests.mutation``."""
    counts, survivors = mutation.run(("rule", "fact", "field"), (), SLICE, SEED, 0, 1)
    assert sum(ended["killed"] for ended in counts.values()) > 200
    assert not survivors, "\n".join(" ".join(each) for each in survivors)


def test_answers_are_of_mutants_that_there_are() -> None:
    """An answer to a text that was changed since is out of date; and none excuses a mutant of a rule that a case notices."""
    wrong = [key for key, why in mutation.answers().items() if why not in mutation.WHY]
    wanted = {page for page, _ in mutation.answers()}
    known = defaultdict(list)
    for kind, each in mutation.mutants(("rule", "fact", "field"), wanted):
        known[each.page, each.words].append((kind, each))
    wrong += [key for key in mutation.answers() if all(kind == "rule" and mutant.killed for kind, mutant in known[key])]
    assert not wrong
