"""Random expressions of every construct, on rows of awkward values: both roads must agree."""

import random
from datetime import date, datetime, time, timedelta

import pytest

from tests.checks.language.roads import EPOCH, NAMES, SCOPE, by_columns, by_source, differing, frame
from validator.checks.language import LanguageError, compile_text

SEEDS = range(4)  #: kept: each found nothing, or what it found is put right
TEXTS = [
    "",
    "a",
    "ab",
    "Z37.0",
    "中文",
    "a\n粘连b",
    "ÄŞ",
    "12",
    "+7",
    "-0012",
    "1" * 15,
    "9" * 16,
    "１２",
    "x" * 501,
    "😀b",
    "0",
]
NUMBERS = [0, 1, -1, 7, -7, 59, 60, 86_400, 2**31, -(2**31), 10**9 - 1, 1 - 10**9]
DAYS = [date(1900, 1, 1), date(1969, 12, 31), date(1970, 1, 1), date(2000, 2, 29), date(2026, 7, 6), date(2199, 12, 31)]
TIMES = [time(0, 0), time(0, 0, 1), time(8, 30), time(23, 59, 59)]


def values(draw: random.Random) -> dict:
    def some(pick):
        return None if draw.random() < 0.2 else pick()

    def moment():
        return datetime.combine(draw.choice(DAYS), draw.choice(TIMES))

    kinds = {
        "text": lambda: draw.choice(TEXTS), "day": lambda: draw.choice(DAYS), "moment": moment,
        "time": lambda: draw.choice(TIMES), "truth": lambda: draw.random() < 0.5,
    }  # fmt: skip
    row = {name: some(kinds[kind.name]) for name, kind in NAMES.items() if kind.name != "number"}
    row |= {name: some(lambda: draw.choice(NUMBERS)) for name in ("n", "k")}
    return row | {name: some(lambda: draw.choice(NUMBERS[:8])) for name in ("x", "y")}


class Writer:
    """Writes a random text of a kind."""

    def __init__(self, draw: random.Random) -> None:
        self.draw = draw

    def of(self, kind: str, depth: int) -> str:
        if depth <= 0 or self.draw.random() < 0.15:
            return getattr(self, f"leaf_{kind}")()
        return self.draw.choice(getattr(self, f"{kind}s"))(self, depth - 1)

    def leaf_text(self):
        return self.draw.choice(["t", "u", "'a'", "'中'", "''", "'Z37'", "CAST(NULL AS TEXT)"])

    def leaf_number(self):
        return self.draw.choice(
            ["n", "k", "x", "y", "0", "3", "-2.5", "0.01", "$days", "$ratio", "CAST(NULL AS INTEGER)"]
        )

    def leaf_whole(self):
        return self.draw.choice(["n", "k", "0", "7", "-3", "$days"])

    def leaf_day(self):
        return self.draw.choice(["d", "d2", "DATE '2000-02-29'", "CAST(NULL AS DATE)"])

    def leaf_moment(self):
        return self.draw.choice(["m", "m2", "TIMESTAMP '1969-12-31 23:59:59'"])

    def leaf_time(self):
        return self.draw.choice(["z", "TIME '08:30:00'"])

    def leaf_truth(self):
        return self.draw.choice(["b", "c", "b", "c", "TRUE", "FALSE"])

    def compared(self, depth):
        kind = self.draw.choice(["text", "number", "day", "moment", "time"])
        other = {"day": "moment", "moment": "day"}.get(kind, kind) if self.draw.random() < 0.3 else kind
        return self.of(kind, depth), self.of(other, depth), self.of(kind, depth)

    def comparison(self, depth):
        one, other, _ = self.compared(depth)
        return f"{one} {self.draw.choice(['=', '<>', '<', '<=', '>', '>='])} {other}"

    def between(self, depth):
        one, low, high = self.compared(depth)
        return f"{one} {self.draw.choice(['', 'NOT '])}BETWEEN {low} AND {high}"

    def case(self, kind, depth):
        whens = "".join(
            f" WHEN {self.of('truth', depth)} THEN {self.of(kind, depth)}" for _ in range(self.draw.randint(1, 2))
        )
        return f"CASE{whens}{self.draw.choice(['', f' ELSE {self.of(kind, depth)}', ' ELSE NULL'])} END"

    def several(self, name, kind, depth):
        return f"{name}({', '.join(self.of(kind, depth) for _ in range(self.draw.randint(2, 3)))})"

    def any_kind(self):
        return self.draw.choice(["text", "number", "day", "moment", "time", "truth"])

    def in_any(self, depth):
        kind = self.draw.choice(["text", "number", "day"])
        return f"{self.of(kind, depth)} IN ({', '.join(self.of(kind, depth) for _ in range(3))})"

    truths = (
        lambda w, d: f"({w.of('truth', d)} AND {w.of('truth', d)} AND {w.of('truth', d)})",
        lambda w, d: f"({w.of('truth', d)} OR {w.of('truth', d)})",
        lambda w, d: f"NOT ({w.of('truth', d)})",
        lambda w, d: f"({w.of(w.any_kind(), d)}) IS {w.draw.choice(['', 'NOT '])}NULL",
        lambda w, d: f"({w.comparison(d)})",
        lambda w, d: f"({w.comparison(d)})",
        lambda w, d: f"({w.of('truth', d)}) = ({w.of('truth', d)})",
        lambda w, d: f"({w.between(d)})",
        lambda w, d: f"{w.of('text', d)} IN ('a', 'Z37.0', '12')",
        lambda w, d: f"{w.of('number', d)} NOT IN (0, 7, 0.01)",
        lambda w, d: f"({w.in_any(d)})",
        lambda w, d: f"{w.draw.choice(['STARTS_WITH', 'ENDS_WITH'])}({w.of('text', d)}, {w.of('text', d)})",
        lambda w, d: f"{w.of('text', d)} LIKE {w.draw.choice(LIKES)}",
        lambda w, d: f"({w.of('text', d)} ~ {w.draw.choice(PATTERNS)})",
        lambda w, d: w.case("truth", d),
        lambda w, d: f"COALESCE({w.of('truth', d)}, {w.of('truth', d)})",
    )
    texts = (
        lambda w, d: f"LEFT({w.of('text', d)}, {w.draw.randint(1, 4)})",
        lambda w, d: f"{w.draw.choice(['LOWER', 'UPPER'])}({w.of('text', d)})",
        lambda w, d: f"CAST({w.of('whole', d)} AS TEXT)",
        lambda w, d: w.case("text", d),
        lambda w, d: f"CASE {w.of('text', d)} WHEN 'a' THEN {w.of('text', d)} WHEN '12' THEN {w.of('text', d)} END",
        lambda w, d: w.several("COALESCE", "text", d),
    )
    wholes = (
        lambda w, d: f"({w.of('whole', d)} {w.draw.choice('+-')} {w.of('whole', d)})",
        lambda w, d: f"({w.of('whole', d)} * {w.draw.randint(-9, 60)})",
        lambda w, d: f"({w.of('whole', d)} % {w.draw.choice([1, 7, 10, 86400])})",
        lambda w, d: f"LENGTH({w.of('text', d)})",
        lambda w, d: f"STRPOS({w.of('text', d)}, {w.draw.choice(TEXT_LITERALS[1:])})",
        lambda w, d: f"FLOOR({w.of('number', d)})",
        lambda w, d: f"CAST({w.of(w.draw.choice(['number', 'text', 'day']), d)} AS INTEGER)",
        lambda w, d: (
            f"EXTRACT({w.draw.choice(['YEAR', 'MONTH', 'DAY'])} FROM {w.of(w.draw.choice(['day', 'moment']), d)})"
        ),
        lambda w, d: f"EXTRACT(EPOCH FROM {w.of('moment', d)})",
        lambda w, d: f"MINUTES_BETWEEN({w.of('moment', d)}, {w.of('moment', d)})",
    )
    numbers = (
        lambda w, d: f"({w.of('number', d)} {w.draw.choice('+-')} {w.of('number', d)})",
        lambda w, d: f"({w.of('number', d)} * {w.draw.choice(['1.94', '$ratio', '-3', '0'])})",
        lambda w, d: f"({w.of('number', d)} % {w.draw.choice(['10', '0.07', '$days'])})",
        lambda w, d: f"-({w.of('number', d)})",
        lambda w, d: f"ABS({w.of('number', d)})",
        lambda w, d: w.several(w.draw.choice(["LEAST", "GREATEST", "COALESCE"]), "number", d),
        lambda w, d: w.case("number", d),
        lambda w, d: w.of("whole", d),
    )
    days = (
        lambda w, d: f"CAST({w.of('moment', d)} AS DATE)",
        lambda w, d: f"({w.of('day', d)} {w.draw.choice('+-')} INTERVAL '{w.draw.randint(1, 400)} days')",
        lambda w, d: w.several(w.draw.choice(["LEAST", "GREATEST", "COALESCE"]), "day", d),
        lambda w, d: w.case("day", d),
    )
    moments = (
        lambda w, d: f"CAST({w.of('day', d)} AS TIMESTAMP)",
        lambda w, d: (
            f"({w.of('moment', d)} {w.draw.choice('+-')} INTERVAL '{w.draw.randint(1, 99)} {w.draw.choice(UNITS)}')"
        ),
        lambda w, d: f"COALESCE({w.of('moment', d)}, {w.of('day', d)})",
        lambda w, d: w.several(w.draw.choice(["LEAST", "GREATEST"]), "moment", d),
    )
    times = (lambda w, d: f"CAST({w.of('moment', d)} AS TIME)", lambda w, d: w.case("time", d))


TEXT_LITERALS = ["''", "'a'", "'粘连'", "'b'", "'1'"]
LIKES = ["'%'", "'a%'", "'%b'", "'%粘连%'", "'a%b'", "'%a%b%'", "'Z37.0'", "'%.%'"]
PATTERNS = [r"'\A[0-9]+\z'", "'[^a-z]'", r"'(a|中)\.?'", r"'\A(ab?|12){1}'", "'.'", r"'\A[+-]?[0-9]{1,18}\z'"]
UNITS = ["day", "hours", "MINUTE"]


def expressions(seed: int, count: int):
    draw, found = random.Random(seed), []
    writer, refused = Writer(draw), 0
    while len(found) < count:
        text = writer.of(writer.any_kind(), draw.randint(1, 4))
        try:
            found.append(compile_text(text, SCOPE))
        except LanguageError:
            refused += 1
    return found, refused


def differences(seed: int, count: int) -> list:
    found, refused = expressions(seed, count)
    assert refused < count  # numbers that might grow too large, a simple CASE of NULL …
    table = frame([values(random.Random(f"{seed}-{row}")) for row in range(60)])
    return [
        (
            each.text,
            table[differing(one, other)[0]].to_dicts(),
            one[differing(one, other)[0]],
            other[differing(one, other)[0]],
        )
        for each, one, other in zip(found, by_columns(found, table), by_source(found, table), strict=True)
        if len(differing(one, other))
    ]


@pytest.mark.parametrize("seed", SEEDS)
def test_random_expressions_give_the_same_on_both_roads(seed):
    assert differences(seed, 250) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 110))
def test_many_random_expressions_give_the_same_on_both_roads(seed):
    assert differences(seed, 1000) == []


def test_values_are_awkward():
    rows = [values(random.Random(row)) for row in range(200)]
    assert any(row["m"] and row["m"] < EPOCH - timedelta(days=1) for row in rows)
    assert any(row["t"] is None for row in rows)
