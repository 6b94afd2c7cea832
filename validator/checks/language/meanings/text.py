"""Texts: parts, length, letter case, patterns."""

from typing import TYPE_CHECKING, ClassVar

from validator.checks.language.helpers import SEARCHED
from validator.checks.language.kinds import TEXT, number
from validator.checks.language.tree import Construct, Examples, Term, of, truth

if TYPE_CHECKING:
    import polars as pl

_CAPITALS = list("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_SMALL = list("abcdefghijklmnopqrstuvwxyz")


class Left(Construct):
    """The first n characters."""

    name = "LEFT"
    sql, args = "Left", ("this", "expression")
    examples: ClassVar[Examples] = (
        ("LEFT(t, 2)", {"t": "abc"}, "ab"),
        ("LEFT(t, 2)", {"t": "中文字"}, "中文"),
        ("LEFT(t, 2)", {"t": ""}, ""),
        ("LEFT(t, 2)", {"t": None}, None),
    )

    def typed(self, node: Term) -> Term:
        node.kids[0].must_be("text")
        node.kids[1].must_be_literal("number")
        if node.kids[1].kind.scale or node.kids[1].value < 1:
            raise node.kids[1].fault("取几个字符：写一个不小于 1 的整数", "how many characters: a whole number from 1")
        return of(node, TEXT)

    def columns(self, node: Term, *kids: "pl.Expr") -> "pl.Expr":
        return kids[0].str.head(node.kids[1].value)

    def source(self, _: Term, *kids: str) -> str:
        return f"{kids[0]}[:{kids[1]}]"


class StartsWith(Construct):
    """Whether a text begins with another."""

    name = "STARTS_WITH"
    sql, args = "StartsWith", ("this", "expression")
    examples: ClassVar[Examples] = (
        ("STARTS_WITH(t, 'Z37')", {"t": "Z37.0"}, True),
        ("STARTS_WITH(t, 'Z37')", {"t": "Z3"}, False),
        ("STARTS_WITH(t, 'Z37')", {"t": None}, None),
        ("STARTS_WITH(t, u)", {"t": "A05.01", "u": "A05"}, True),
        ("STARTS_WITH(t, u)", {"t": "A05.01", "u": None}, None),
    )

    def typed(self, node: Term) -> Term:
        node.kids[0].must_be("text")
        node.kids[1].must_be("text")
        return truth(node)

    def columns(self, _: Term, *kids: "pl.Expr") -> "pl.Expr":
        return kids[0].str.starts_with(kids[1])

    def source(self, _: Term, *kids: str) -> str:
        return f"{kids[0]}.startswith({kids[1]})"


class EndsWith(StartsWith):
    """Whether a text ends with another."""

    name = "ENDS_WITH"
    sql = "EndsWith"
    examples: ClassVar[Examples] = (
        ("ENDS_WITH(t, '00')", {"t": "Z37.00"}, True),
        ("ENDS_WITH(t, '00')", {"t": None}, None),
    )

    def columns(self, _: Term, *kids: "pl.Expr") -> "pl.Expr":
        return kids[0].str.ends_with(kids[1])

    def source(self, _: Term, *kids: str) -> str:
        return f"{kids[0]}.endswith({kids[1]})"


class Position(Construct):
    """The place of the first character of a text in another, from 1; 0 where it is not in it."""

    name = "STRPOS"
    sql, args = "StrPosition", ("this", "substr")
    copies = 3
    examples: ClassVar[Examples] = (
        ("STRPOS(t, ',')", {"t": "a,b"}, 2),
        ("STRPOS(t, '粘连')", {"t": "术后粘连"}, 3),
        ("STRPOS(t, ',')", {"t": "ab"}, 0),
        ("STRPOS(t, ',')", {"t": None}, None),
    )

    def typed(self, node: Term) -> Term:
        node.kids[0].must_be("text")
        node.kids[1].must_be_literal("text")
        if not node.kids[1].value:
            raise node.kids[1].fault("要找的文字不能为空", "the text to find is blank")
        return of(node, number(9))

    def columns(self, node: Term, *kids: "pl.Expr") -> "pl.Expr":
        import polars as pl

        text, found = kids[0], node.kids[1].value
        before = text.str.splitn(found, 2).struct.field("field_0").str.len_chars().cast(pl.Int64)
        has = text.str.contains(found, literal=True)
        return pl.when(has).then(before + 1).when(~has).then(pl.lit(0, pl.Int64))

    def source(self, _: Term, *kids: str) -> str:
        return f"({kids[0]}.find({kids[1]}) + 1)"


class Length(Construct):
    """How many characters."""

    name = "LENGTH"
    sql, args = "Length", ("this",)
    examples: ClassVar[Examples] = (
        ("LENGTH(t)", {"t": "中文"}, 2),
        ("LENGTH(t)", {"t": ""}, 0),
        ("LENGTH(t) - 5", {"t": "a"}, -4),
        ("LENGTH(t)", {"t": None}, None),
    )

    def typed(self, node: Term) -> Term:
        node.kids[0].must_be("text")
        return of(node, number(9))

    def columns(self, _: Term, *kids: "pl.Expr") -> "pl.Expr":
        import polars as pl

        return kids[0].str.len_chars().cast(pl.Int64)

    def source(self, _: Term, *kids: str) -> str:
        return f"len({kids[0]})"


class Lower(Construct):
    """A to Z as small letters; all else stays, since no two versions of Unicode have the same letters."""

    name = "LOWER"
    sql, args = "Lower", ("this",)
    examples: ClassVar[Examples] = (("LOWER(t)", {"t": "ML中Ａ"}, "ml中Ａ"), ("LOWER(t)", {"t": None}, None))

    def typed(self, node: Term) -> Term:
        node.kids[0].must_be("text")
        return of(node, TEXT)

    def columns(self, _: Term, *kids: "pl.Expr") -> "pl.Expr":
        return kids[0].str.replace_many(_CAPITALS, _SMALL)

    def source(self, _: Term, *kids: str) -> str:
        return f"_lower({kids[0]})"


class Upper(Lower):
    """The letters a to z as capitals; all else stays."""

    name = "UPPER"
    sql = "Upper"
    examples: ClassVar[Examples] = (("UPPER(t)", {"t": "i10ß"}, "I10ß"), ("UPPER(t)", {"t": None}, None))

    def columns(self, _: Term, *kids: "pl.Expr") -> "pl.Expr":
        return kids[0].str.replace_many(_SMALL, _CAPITALS)

    def source(self, _: Term, *kids: str) -> str:
        return f"_upper({kids[0]})"


class Like(Construct):
    """Whether the text is the one written out, in which each % is any text."""

    name = "like"
    examples: ClassVar[Examples] = (
        ("t LIKE '%粘连%'", {"t": "a\n粘连b"}, True),
        ("t LIKE 'a%'", {"t": "ba"}, False),
        ("t LIKE '%a%b'", {"t": "xab"}, True),
        ("t LIKE 'ab%ba'", {"t": "aba"}, False),
        ("t LIKE 'a.c'", {"t": "abc"}, False),
        ("t LIKE '%'", {"t": None}, None),
    )

    def typed(self, node: Term) -> Term:
        node.kids[0].must_be("text")
        node.kids[1].must_be_literal("text")
        if "_" in node.kids[1].value or "\\" in node.kids[1].value:
            raise node.kids[1].fault(
                "LIKE 里只用 %；任意一个字符请用 ~ 写正则", "only % in LIKE; any one character is '.' with ~"
            )
        return truth(node)

    def columns(self, node: Term, *kids: "pl.Expr") -> "pl.Expr":
        parts = node.kids[1].value.split("%")
        if len(parts) == 1:
            return kids[0] == kids[1]
        if len(parts) == 3 and not parts[0] and not parts[2]:
            return kids[0].str.contains(parts[1], literal=True)
        return kids[0].str.contains(r"(?s)\A" + ".*".join(map(_escaped, parts)) + r"\z")

    def source(self, node: Term, *kids: str) -> str:
        parts = node.kids[1].value.split("%")
        if len(parts) == 1:
            return f"({kids[0]} == {kids[1]})"
        if len(parts) == 3 and not parts[0] and not parts[2]:
            return f"({parts[1]!r} in {kids[0]})"
        return f"_like({kids[0]}, {tuple(parts)!r})"


def _escaped(text: str) -> str:
    return "".join(f"\\{sign}" if sign in r"\.+*?()|[]{}^$#&-~" else sign for sign in text)


class Matches(Construct):
    """Whether the text has the pattern somewhere in it; null for texts too long to be searched."""

    name = "~"
    copies = 2
    examples: ClassVar[Examples] = (
        ("t ~ '[0-9０-９]'", {"t": "张３"}, True),
        (r"t ~ '\A[0-9]{2}\z'", {"t": "12\n"}, False),
        (r"t ~ '\A(a|b)\.x*\z'", {"t": "b.xx"}, True),
        ("t ~ 'a'", {"t": "a" * SEARCHED}, True),
        ("t ~ 'a'", {"t": "a" * (SEARCHED + 1)}, None),
        ("t ~ 'a'", {"t": None}, None),
    )

    def typed(self, node: Term) -> Term:
        node.kids[0].must_be("text")
        return truth(node)

    def partial(self, _: Term) -> bool:
        return True

    def columns(self, node: Term, *kids: "pl.Expr") -> "pl.Expr":
        import polars as pl

        return pl.when(kids[0].str.len_chars() <= SEARCHED).then(kids[0].str.contains(node.value[0]))

    def made_once(self, node: Term) -> str:
        return f"_searching({node.value[1]!r})"

    def source(self, _: Term, *kids: str) -> str:
        return f"{kids[1]}({kids[0]})"
