"""Patterns that are let through mean the same to Rust and to Python, and are searched in bounded time."""

import random
import re
import time

import polars as pl
import pytest

from validator.checks.language import helpers
from validator.checks.language.patterns import PatternError, python
from validator.spec import patterns as field_patterns

ALPHABET = ["a", "b", "A", "0", "9", "-", ".", "中", "３", "\n", " ", "😀", "^", "]", "_"]


def random_pattern(draw: random.Random) -> str:
    atoms = [
        "a",
        "中",
        r"\.",
        r"\-",
        "[a-b]",
        "[^a]",
        "[0-9０-９.#*-]",
        ".",
        r"\A",
        r"\z",
        "[-a]",
        r"[\]^]",
        "(a|中)",
        "(?:ab)",
        "(b)",
        " ",
    ]
    signs = ["", "", "", "?", "*", "+", "{2}", "{1,3}", "{2,}"]
    parts = [draw.choice(atoms) + draw.choice(signs) for _ in range(draw.randint(1, 4))]
    text = "".join(parts)
    return draw.choice([text, rf"\A{text}", rf"\A{text}\z", f"({text})|b", rf"\A({text})\z"])


def test_both_engines_find_the_same():
    draw, tried = random.Random(3), 0
    texts = ["".join(draw.choices(ALPHABET, k=draw.randint(0, 6))) for _ in range(80)]
    series = pl.DataFrame({"t": texts})
    for _ in range(600):
        pattern = random_pattern(draw)
        try:
            spelt = python(pattern)
        except PatternError:
            continue
        tried += 1
        rust = series.select(pl.col("t").str.contains(pattern)).to_series().to_list()
        assert [helpers.searching(spelt)(text) for text in texts] == rust, pattern
    assert tried > 200


@pytest.mark.parametrize(
    "pattern", [r"\Aa*a*b", r"a*b", r"\A[ab]*[ac]*\z", r"\Aa{0,100}a{0,100}b\z", r"\Aa+a*\z", "aaaa*[^a]"]
)
def test_what_is_let_through_is_searched_quickly(pattern):
    search, text = helpers.searching(python(pattern)), "a" * helpers.SEARCHED
    begin = time.process_time()
    search(text)
    assert time.process_time() - begin < 1


def test_a_text_too_long_is_not_searched():
    assert helpers.searching("a")("a" * (helpers.SEARCHED + 1)) is None


def test_the_form_patterns_of_fields_are_read_too():
    refused = set()
    for name, each in field_patterns.load().items():
        try:
            re.compile(python(each.regex), re.ASCII)
        except PatternError:
            refused.add(name)
    assert refused <= REFUSED_FORMS


#: Built from several forms of codes, or lists of repeated parts: more ways than a rule's pattern may have.
REFUSED_FORMS = {"weights", "dept_chain"}
