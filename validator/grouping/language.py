"""The rule language of the official grouping workbooks, parsed to a tree and compiled to Polars expressions.

``ZYZD in DI_B00``, ``{ZYSS, QTSS} in {OP_A, OP_B}``, ``ZYSS not in OP_ALL``, ``QTZD in MCC``, ``NL >= 70``,
``length(OP_A ∩ {ZYSS, QTSS}) >= 2``, ``and or not``, brackets, ``1``; nothing at all is true. Or binds least, then and, then
not. Letter case of keywords does not count.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from unicodedata import normalize

import polars as pl

from validator.read.place import quoted

#: Fields that hold codes: principal and other diagnoses, principal and other operations.
CODES = ("ZYZD", "QTZD", "ZYSS", "QTSS")
#: Fields that hold numbers: age in years, sex (1, 2), age in days, weight in grams.
NUMBERS = ("NL", "XB", "XSRTL", "XSRTZ")
#: Sets whose members depend on the principal diagnosis.
VIRTUAL = ("MCC", "CC")
DEEPEST = 30  #: brackets and ``not`` inside each other
_NOISE = re.compile(r"_x000[DA]_|[\s\u00a0\u200b\ufeff]+", re.IGNORECASE)
#: Signs that mean the same as those of the language.
_ALSO = str.maketrans({"≥": ">=", "≤": "<=", "≠": "<>", "、": ","})
_TOKEN = re.compile(r"[A-Za-z][A-Za-z0-9_]*|[0-9]+(?:\.[0-9]+)?|>=|<=|<>|!=|==|[<>=(){},∩]")
_COMPARE: dict[str, Callable[[pl.Expr, float], pl.Expr]] = {
    ">=": lambda a, b: a >= b, "<=": lambda a, b: a <= b, "<": lambda a, b: a < b, ">": lambda a, b: a > b,
    "=": lambda a, b: a == b, "==": lambda a, b: a == b, "<>": lambda a, b: a != b, "!=": lambda a, b: a != b,
}  # fmt: skip


class RuleError(ValueError):
    """A rule that cannot be read; ``place`` counts from 1 in its text without stray blanks."""

    def __init__(self, zh: str, en: str, place: int) -> None:
        super().__init__(f"第 {place} 字：{zh}")
        self.zh, self.en, self.place = zh, en, place


@dataclass(frozen=True)
class Among:
    """How many codes of some fields are members of some sets; true where that compares with ``number``."""

    fields: tuple[str, ...]
    sets: tuple[str, ...]
    sign: str = ">="
    number: float = 1


@dataclass(frozen=True)
class Compare:
    """A number against a limit; unknown where the number is."""

    field: str
    sign: str
    number: float


@dataclass(frozen=True)
class Not:
    """The negation of a condition."""

    part: "Node"


@dataclass(frozen=True)
class Every:
    """``and``; nothing at all is true."""

    parts: tuple["Node", ...] = ()


@dataclass(frozen=True)
class Some:
    """``or``."""

    parts: tuple["Node", ...]


Node = Among | Compare | Not | Every | Some


def parse(text: str) -> Node:
    """The tree of a rule; :class:`RuleError` says where it cannot be read."""
    clean = _NOISE.sub(" ", normalize("NFKC", text)).translate(_ALSO).strip()
    if clean in ("", "1"):
        return Every()
    parser = _Parser(clean)
    node = parser.either()
    parser.expect("")
    return node


class _Parser:
    """Reads one rule from left to right."""

    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, int]] = []
        place = 0
        for found in _TOKEN.finditer(text):
            self._gap(text, place, found.start())
            self.tokens.append((found[0], found.start() + 1))
            place = found.end()
        self._gap(text, place, len(text))
        self.tokens.append(("", len(text) + 1))
        self.at = self.depth = 0

    @staticmethod
    def _gap(text: str, start: int, end: int) -> None:
        if rest := text[start:end].strip():
            raise RuleError(
                f"看不懂“{quoted(rest)}”", f"'{quoted(rest)}' is not understood", text.index(rest, start) + 1
            )

    @property
    def next(self) -> str:
        return self.tokens[self.at][0]

    def word(self, *known: str) -> bool:
        """Take the next token if it is one of these words."""
        if self.next.lower() in known:
            self.at += 1
            return True
        return False

    def take(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1][0]

    def expect(self, token: str) -> None:
        if self.next != token:
            expected, found = token or "结尾", self.next or "结尾"
            raise self.fault(
                f"此处应为“{expected}”，却是“{found}”", f"'{token or 'end'}' is expected, not '{self.next or 'end'}'"
            )
        self.at += 1

    def fault(self, zh: str, en: str) -> RuleError:
        return RuleError(zh, en, self.tokens[min(self.at, len(self.tokens) - 1)][1])

    def either(self) -> Node:
        parts = [self.both()]
        while self.word("or"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else Some(tuple(parts))

    def both(self) -> Node:
        parts = [self.one()]
        while self.word("and"):
            parts.append(self.one())
        return parts[0] if len(parts) == 1 else Every(tuple(parts))

    def one(self) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.fault(f"括号和 not 超过 {DEEPEST} 层", f"brackets and 'not' more than {DEEPEST} deep")
        node = self.part()
        self.depth -= 1
        return node

    def part(self) -> Node:
        """A condition, a negated one, or one in brackets."""
        if self.word("not"):
            return Not(self.one())
        if self.word("length"):
            return self.counted()
        if self.word("1"):
            return Every()
        if self.word("("):
            node = self.either()
            self.expect(")")
            return node
        fields = self.names("字段", "a field", CODES + NUMBERS)
        if fields[0] in NUMBERS:
            if len(fields) > 1:
                raise self.fault("一次只能比较一个数", "one number at a time is compared")
            return Compare(fields[0], *self.limit())
        if any(field in NUMBERS for field in fields):
            raise self.fault("编码字段与数值字段不能并列", "fields of codes and of numbers do not mix")
        negated = self.word("not")
        if not self.word("in"):
            raise self.fault("此处应为 in 或 not in", "'in' or 'not in' is expected")
        among = self.among(fields, self.names("集合", "a set"))
        return Not(among) if negated else among

    def counted(self) -> Node:
        self.expect("(")
        first = self.names("集合或字段", "a set or field")
        self.expect("∩")
        second = self.names("集合或字段", "a set or field")
        self.expect(")")
        fields, sets = (first, second) if first[0] in CODES else (second, first)
        if not set(fields) <= set(CODES) or set(sets) & set(CODES):
            raise self.fault("length 里应是一个集合和一组字段", "length takes a set and fields")
        return self.among(fields, sets, *self.limit())

    def among(self, fields: tuple[str, ...], sets: tuple[str, ...], sign: str = ">=", number: float = 1) -> Node:
        virtual = [name for name in sets if name in VIRTUAL]
        if virtual and (fields != ("QTZD",) or (sign, number) != (">=", 1)):
            zh, en = "MCC、CC 只能写作 QTZD in MCC、QTZD in CC", "MCC and CC only stand as QTZD in MCC, QTZD in CC"
            raise self.fault(zh, en)
        real = tuple(name for name in sets if name not in VIRTUAL)
        parts = [Among(fields, (name,)) for name in virtual] + ([Among(fields, real, sign, number)] if real else [])
        return parts[0] if len(parts) == 1 else Some(tuple(parts))

    def limit(self) -> tuple[str, float]:
        if self.next not in _COMPARE:
            raise self.fault("此处应为比较符", "a comparison is expected")
        sign = self.take()
        if not re.fullmatch("[0-9.]+", self.next):
            raise self.fault("此处应为数", "a number is expected")
        return sign, float(self.take())

    def names(self, zh: str, en: str, known: tuple[str, ...] = ()) -> tuple[str, ...]:
        """A name, or several in braces."""
        several = self.word("{")
        found = []
        while True:
            name = self.next.upper() if self.next.upper() in (*CODES, *NUMBERS, *VIRTUAL) else self.next
            if not re.fullmatch("[A-Za-z][A-Za-z0-9_]*", name) or (known and name not in known):
                raise self.fault(
                    f"此处应为{zh}，却是“{self.next or '结尾'}”", f"{en} is expected, not '{self.next or 'end'}'"
                )
            self.at += 1
            found.append(name)
            if not several:
                return tuple(found)
            if self.word("}"):
                return tuple(found)
            self.word(",")


def atoms(node: Node, *, forbidden: bool = True) -> Iterator[Among]:
    """The memberships that a rule asks for, and with ``forbidden`` those that must not be."""
    match node:
        case Among():
            yield node
        case Not(part):
            yield from atoms(part) if forbidden else ()
        case Every(parts) | Some(parts):
            for part in parts:
                yield from atoms(part, forbidden=forbidden)


def numbers(node: Node) -> set[str]:
    """The numbers that a rule compares."""
    match node:
        case Compare():
            return {node.field}
        case Not(part):
            return numbers(part)
        case Every(parts) | Some(parts):
            return set().union(*map(numbers, parts))
    return set()


def sets(node: Node) -> set[str]:
    """The sets that a rule names, but for MCC and CC."""
    return {name for each in atoms(node) for name in each.sets} - set(VIRTUAL)


def compiled(node: Node, column: Callable[[Among], str]) -> pl.Expr:
    """The rule over columns: ``column`` names the one with the number of members (or whether there is one), numbers stand
    under their own names. Null where an unknown number decides.
    """
    match node:
        case Among():
            held = pl.col(column(node))
            return held if (node.sign, node.number) == (">=", 1) else _COMPARE[node.sign](held, node.number)
        case Compare():
            return _COMPARE[node.sign](pl.col(node.field), node.number)
        case Not(part):
            return ~compiled(part, column)
        case Every(parts):
            return pl.all_horizontal([compiled(part, column) for part in parts]) if parts else pl.lit(True)
    return pl.any_horizontal([compiled(part, column) for part in node.parts])
