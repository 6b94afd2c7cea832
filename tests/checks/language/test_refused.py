"""Texts that must be refused, each with its place; and that nothing else than a refusal comes of any text."""

import random
import re

import pytest

from tests.checks.language.roads import SCOPE
from validator.base.errors import ConfigError
from validator.checks.language import LanguageError, compile_text, meanings

#: text -> column (line 1), and what the message says
COMMENTS = [
    "b -- x",
    "b /* x */",
    "/*+ x */ b",
    "b # x",
    "b --",
    "/* b */ b",
    "b AND /**/ c",
    "b -- SELECT 1\n AND c",
    "/*b*/",
]
OTHER_STATEMENTS = [
    "SELECT 1", "(SELECT 1)", "b; DROP TABLE x", "b;", ";", "DROP TABLE x", "SET x = 1", "PRAGMA x",
    "ATTACH 'a.db'", "COPY x TO 'a'", "INSTALL httpfs", "LOAD httpfs", "FROM 'a.csv'",
    "WITH x AS (SELECT 1) SELECT * FROM x", "VALUES (1)", "DESCRIBE x", "EXPLAIN b",
    "CREATE TABLE x AS SELECT 1", "CALL x()", "USE x", "BEGIN", "INSERT INTO x VALUES (1)", "DELETE FROM x",
    "UPDATE x SET b = 1",
]  # fmt: skip
SUB_SELECTS = [
    "n IN (SELECT 1)", "n IN (FROM 'a.csv')", "EXISTS (SELECT 1)", "n = (SELECT 1)", "n = ANY (SELECT 1)",
    "n > ALL (SELECT 1)", "CASE WHEN (SELECT TRUE) THEN 1 END", "COALESCE(n, (SELECT 1))", "n IN (TABLE x)",
    "(FROM x)", "n BETWEEN (SELECT 1) AND 2", "t LIKE (SELECT 'a')", "n IN (VALUES (1))",
    "ARRAY(SELECT 1) IS NULL", "n = SOME (SELECT 1)",
]  # fmt: skip
FUNCTIONS = [
    "read_csv('a')", "read_csv('http://x/y') IS NULL", "getenv('HOME') = 'x'", "NOW() = m", "CURRENT_DATE = d",
    "CURRENT_TIMESTAMP = m", "RANDOM() > 1", "UUID() = t", "LPAD(t, 9, '0') = t", "REPEAT(t, 999999999) = t",
    "CONCAT(t, u) = t", "t || u = t", "REGEXP_REPLACE(t, 'a', 'b') = t", "SUBSTRING(t, 1, 2) = 'a'",
    "TRIM(t) = 'a'", "REPLACE(t, 'a', 'b') = t", "TRY(n)", "IFNULL(n, 1) > 1 AND foo(n)", "f(n)", '"f"(n)',
    "x.f(n)", "ROUND(x, 1) = 1", "SQRT(n) = 1", "POWER(n, 99) = 1", "n ** 2 = 4", "n ^ 2 = 4", "CEIL(x) = 1",
    "DATE_DIFF('day', d, d2) = 1", "STRFTIME(d, '%Y') = '2026'", "HASH(t) = 1", "RANGE(10) IS NULL",
    "UNNEST([1, 2]) = 1", "GLOB('*') IS NULL", "PARSE_JSON(t) IS NULL", "t -> 'a' IS NULL", "t ->> 'a' = 'b'",
    "CHR(0) = t", "SLEEP(9)", "MINUTES_BETWEEN(m)", "MINUTES_BETWEEN(m, m2, m) = 1",
    "MINUTES_BETWEEN(t, u) = 1", "MINUTES_BETWEEN() = 1", "COALESCE() IS NULL",
]  # fmt: skip
AGGREGATES = [
    "SUM(n) > 1", "COUNT(*) > 1", "COUNT(n) > 1", "MIN(n) = 1", "MAX(n) = 1", "AVG(n) = 1", "FIRST(n) = 1",
    "LAST(n) = 1", "MEDIAN(n) = 1", "STDDEV(n) = 1", "ARRAY_AGG(n) IS NULL", "STRING_AGG(t, ',') = 'a'",
    "SUM(n) OVER () > 1", "ROW_NUMBER() OVER () = 1", "COUNT(n) FILTER (WHERE b) > 1",
    "LAG(n) OVER (ORDER BY n) = 1", "QUANTILE_CONT(n, 0.5) = 1", "BOOL_AND(b)",
]  # fmt: skip
FORMS = [
    "n IS TRUE", "b IS NOT FALSE", "b IS UNKNOWN", "n IS DISTINCT FROM k", "t LIKE 'a' ESCAPE '!'",
    "t ILIKE 'a'", "t SIMILAR TO 'a'", "t GLOB 'a'", "n BETWEEN SYMMETRIC 1 AND 2",
    "CAST(t AS VARCHAR(10)) = 'a'", "TRY_CAST(t AS INTEGER) = 1", "t::INTEGER = 1", "CAST(n AS DOUBLE) = 1",
    "CAST(n AS DECIMAL(18, 2)) = 1", "CAST(t AS STRUCT(a INTEGER)) IS NULL", "CAST(t AS INTEGER[]) IS NULL",
    "CAST(t AS BLOB) IS NULL", "CAST(t AS JSON) IS NULL", "CAST(t AS DATE) = d", "CAST(d AS TEXT) = 'a'",
    "CAST(x AS TEXT) = '1'", "CAST(b AS INTEGER) = 1", "CAST(m AS INTEGER) = 1", "CAST(z AS DATE) = d",
    "EXTRACT(WEEK FROM d) = 1", "EXTRACT(EPOCH FROM d) = 1", "EXTRACT(YEAR FROM t) = 1",
    "INTERVAL '1 month' IS NULL", "d + INTERVAL '1 month' = d", "d + INTERVAL '99999999999 day' = d",
    "d + INTERVAL '0' day = d", "d + INTERVAL n DAY = d", "d + INTERVAL '1 hour' = d", "d + 1 = d",
    "d - d2 = 1", "m - m2 = 1", "n / 2 = 1", "n // 2 = 1", "n % k = 1", "n % 0 = 1", "n * k = 1", "-t = 1",
    "ABS(t) = 1", "t COLLATE nocase = 'a'", "m AT TIME ZONE 'UTC' = m", "n AS x", "n, k", "(n, k) = (1, 2)",
    "[n] IS NULL", "{'a': n} IS NULL", "n[1] = 1", "t[1:2] = 'a'", "x -> x + 1", "COLUMNS('.*') = 1", "* = 1",
    "*", "t.*", "n = 1 ORDER BY n", "n = 1 LIMIT 1", "CASE WHEN b THEN 1 ELSE 'a' END = 1",
    "CASE WHEN n THEN 1 END = 1", "CASE t WHEN u THEN 1 END = 1", "CASE WHEN b THEN NULL END IS NULL",
    "n & 1 = 1", "n | 1 = 1", "~ n = 1", "b XOR c", "n << 1 = 2", "b AND", "AND b", "(b", "b)", "NOT", "n =",
    "= 1", "IN (1)", "n IN ()", "n IN 1", "n NOT", "b b", "t 'a'", "n IN (1, NULL)", "n = NULL", "NULL = NULL",
    "NULL", "COALESCE(n, NULL) = 1", "NULL IS NULL",
]  # fmt: skip
KINDS = [
    "t = 1", "n = '1'", "d = '2026-01-01'", "d = t", "b = 1", "b > c", "t + u = t", "n AND b", "NOT n",
    "t AND b", "LEFT(n, 2) = '1'", "LEFT(t, 0) = ''", "LEFT(t, -1) = ''", "LEFT(t, n) = ''",
    "LEFT(t, 1.5) = ''", "LENGTH(n) = 1", "LOWER(n) = 'a'", "STARTS_WITH(n, '1')", "STRPOS(t, '') = 1",
    "STRPOS(t, u) = 1", "t LIKE u", "t LIKE 'a_b'", "t LIKE 'a\\b'", "n LIKE '1'", "t ~ u", "n ~ '1'",
    "LEAST(t, u) = 'a'", "COALESCE(n, t) = 1", "z = m", "n IN ('1')", "t IN (1)", "t IN ('a', 1)",
    "LEAST(n, d) = 1", "FLOOR(t) = 1", "d BETWEEN 1 AND 2",
]  # fmt: skip
NAMES = [
    "nobody", "setlinfo.nobody IS NULL", "diseinfo.n = 1", "a.b.c = 1", "setlinfo.a.b = 1", '"n" = 1',
    "[n] = 1", "`n` = 1", "n₁ = 1", "х = 1", "ｎ = 1", "（n） = 1", "n ＝ 1", "n = １", "t = ‘a’", "t = “a”",
    "$nobody = n", "$1 = n", "? = n", ":x = n", "@x = n", "$ = n", "n = 1，", "setlinfo = 1", "$days.x = 1",
    "#1 = n", "rowid = 1",
]  # fmt: skip
LITERALS = [
    "n = 1e5", "n = 1E5", "n = 0x10", "n = 1_000", "n = 1234567890123456", "x = 0.1234567890123456", "t = 'a",
    "t = E'a'", "t = $$a$$", "t = x'41'", "t = b'1'", "t = N'a'", "t = r'a'", "t = 'a\x00'", "b\x00", "\x07b",
    "t = 'a\x1b'", "d = DATE '2026-02-30'", "d = DATE '2026-2-3'", "d = DATE 'today'",
    "m = TIMESTAMP '2026-01-01'", "m = TIMESTAMP '2026-01-01T00:00:00+08'", "z = TIME '25:00:00'",
    "z = TIME '8:00'", "", " ", "\n", "n = .", "n = 1.2.3", "t = ''a''",
    "n + 999999999999999 * 999999999999999 = 1", "CAST(t AS INTEGER) * 99999 = 1", "x * 999999999999999 = 1",
    "x + 0.000000000001 = 1", "n = 1 = 1 = 1",
]  # fmt: skip
PATTERNS = [
    f"t ~ '{pattern}'"
    for pattern in (
        "", r"\d", r"\w", r"[\s]", r"\bword", r"\<", r"\p{Han}", "^a", "a$", "(?i)a", "(?=a)", "(?P<n>a)",
        "(?#x)", "a++", "a+?", "a*+", "a{,3}", "a{3", "a{}", "a{2}{3}", "a{101}", "a{3,2}", "x{1,999999}",
        "[a[b]]", "[a&&b]", "[a--b]", "[a~~b]", "[b-a]", "[a", "a]", "(a", "a)", "a}", "*a", "+a", "?", r"\A*",
        r"\z{2}", "[]a]", r"[\d]", r"\1", r"\x41", r"\n", r"\u0041", "(a+)+", "(a|b)*", "(a{0,40}){0,40}",
        "a*a*a*b", r"\Aa*b*c*\z", "a*b*", r"(a?){50}", "a?" * 20, "(" * 30 + "a" + ")" * 30 + "*" + "b*",
        r"\A(a|b*){2}", "[0-9-z]", "[+--]",
    )
]  # fmt: skip
LARGE = [
    "b" + " AND b" * 400, "(" * 30 + "b" + ")" * 30, "NOT " * 10 + "b", "- " * 10 + "n = 1",
    "CASE WHEN b THEN " * 30 + "1" + " END" * 30, "t = '" + "a" * 3000 + "'",
    "n IN (" + ", ".join(map(str, range(400))) + ")", "n" + " + n" * 250 + " = 1",
    "ABS(" * 30 + "n" + ")" * 30, "n" + " % 7" * 60 + " = 1",
    "LEFT(" * 20 + "t" + ", 9)" * 20 + " = 'a' AND " + "(" * 25 + "b" + ")" * 25, "b = " * 100 + "b",
    "x" + " * 1.5" * 30 + " = 1", "-" * 50 + "n = 1", "~" * 50 + "n",
]  # fmt: skip
REFUSED = [
    *COMMENTS, *OTHER_STATEMENTS, *SUB_SELECTS, *FUNCTIONS, *AGGREGATES, *FORMS, *KINDS, *NAMES, *LITERALS, *PATTERNS, *LARGE,
]  # fmt: skip


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: repr(text[:60]))
def test_a_hostile_or_mistaken_text_is_refused_with_its_place(text):
    with pytest.raises(LanguageError) as error:
        compile_text(text, SCOPE, "truth")
    row, column = error.value.place
    assert 1 <= row <= text.count("\n") + 1
    assert 1 <= column <= len(text) + 1
    assert error.value.zh
    assert error.value.en
    assert not text.isascii() or not re.search("[、，；：。一-鿿]", error.value.en)


def test_there_are_many_hostile_texts():
    assert len(set(REFUSED)) >= 200


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("b AND nobody", (1, 7), "nobody"),
        ("b AND\n SUM(n) > 1", (2, 2), "定义事实"),
        ("b AND n / 2 > 1", (1, 7), "MINUTES_BETWEEN"),
        ("b -- x", (1, 3), "注释"),
        (r"b OR t ~ '[0-9]\d'", (1, 16), "[0-9]"),
        ("t = 1", (1, 5), "单引号"),
        ("d - d2 > 1", (1, 1), "CAST(a AS INTEGER)"),
        ("b AND $nobody > 1", (1, 7), "days"),
        ("n = NULL", (1, 1), "IS NULL"),
        ("b AND foo(n)", (1, 7), "STARTS_WITH"),
    ],
)
def test_a_refusal_names_the_place_and_what_to_write(text, place, says):
    with pytest.raises(LanguageError) as error:
        compile_text(text, SCOPE)
    assert error.value.place == place
    assert says in error.value.zh


def test_the_caller_adds_file_and_line(tmp_path):
    with pytest.raises(LanguageError) as error:
        compile_text("b AND n / 2 > 1", SCOPE)
    fault = error.value.at(tmp_path / "DX999.yaml", 12, "b AND n / 2 > 1")
    assert isinstance(fault, ConfigError)
    assert str(fault).startswith(f"{tmp_path / 'DX999.yaml'}:12：表达式第 7 列：不用除法")
    assert "DX999.yaml:12: column 7 of the expression: no division" in fault.en


@pytest.mark.parametrize(
    "name", sorted({*meanings.BY_SQL, *meanings.FUNCTIONS, "ILIKE", "DATE", "TIME", "CASE", "IF", "ROW"})
)
def test_a_function_of_any_number_of_arguments_is_a_tree_or_refused(name):
    for arguments in (
        "",
        "n",
        "t",
        "n, k",
        "t, u",
        "t, 1",
        "m, m2",
        "n, k, 1",
        "t, u, 'a'",
        "*",
        "DISTINCT n",
        "n ORDER BY n",
        "a := n",
    ):
        for text in (f"{name}({arguments})", f"{name.lower()}({arguments}) IS NULL"):
            try:
                compile_text(text, SCOPE)
            except LanguageError:
                continue


def test_no_text_ends_in_anything_but_a_tree_or_a_refusal():
    words = [
        "b", "n", "t", "'a'", "1", "2.5", "(", ")", ",", "AND", "OR", "NOT", "=", "<", "IN", "IS", "NULL",
        "CASE", "WHEN", "THEN", "END", "CAST", "AS", "DATE", "LEFT", "-", "+", "*", "%", "~", "LIKE",
        "BETWEEN", "$days", "INTERVAL", "FROM", "EXTRACT", "setlinfo", ".", ";", "SELECT", "[", "]", "{", "}",
        "::", "->", "?", "$", "'", '"', "COALESCE", "LEAST", "MINUTES_BETWEEN", "TIME", "TRUE", "ELSE",
    ]  # fmt: skip
    draw = random.Random(5)
    for _ in range(1500):
        text = " ".join(draw.choices(words, k=draw.randint(1, 12)))
        try:
            compile_text(text, SCOPE)
        except LanguageError:
            continue
