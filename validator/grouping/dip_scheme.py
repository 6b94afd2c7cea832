"""A DIP scheme in memory: its disease groups layer by layer, what it leaves out, and the mixed groups for all the rest."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import product
from unicodedata import normalize

import polars as pl

from validator.base.errors import InputError
from validator.codes.tables import Version
from validator.grouping import language
from validator.grouping.language import RuleError
from validator.read.place import quoted

#: The registry's table of such schemes.
TABLE = "dip_scheme"
#: The columns of a scheme's frame; ``rule`` is in the language of the official workbooks, the meaning of the others
#: depends on ``kind`` (see ``docs/dip.md``).
COLUMNS = {
    "kind": pl.String, "code": pl.String, "name": pl.String, "rule": pl.String, "parent": pl.String, "place": pl.UInt32,
    "principal": pl.String,  #: :func:`diagnoses` of which the principal one must be
    "procedure": pl.String,  #: :func:`operations`; blank: none (conservative treatment), of ``pre`` any
    "related": pl.String,  #: operations that are expected next to the principal one
    "other": pl.String,  #: diagnoses of which some other one must be
    "number": pl.UInt32, "cost": pl.Float64, "score": pl.Float64,  #: cases, yuan on average, points
}  # fmt: skip
#: The groups of specific cases, in the order in which they are tried, and what people call them.
LAYERS = {
    "pre": ("先期分组", "pre-grouping"),
    "merge": ("并项规则", "merged groups"),
    "burn": ("诊断辅助细分（烧伤类）", "auxiliary, burns"),
    "tumour": ("诊断辅助细分（肿瘤类）", "auxiliary, tumours"),
    "tuberculosis": ("诊断辅助细分（结核类）", "auxiliary, tuberculosis"),
    "core": ("核心病种", "core groups"),
}
MIXED = "mixed"  #: 综合病种, by how the case was treated
TREATMENTS = {
    "conservative": ("保守治疗", "conservative"),
    "diagnostic": ("诊断性操作", "diagnostic procedure"),
    "therapeutic": ("治疗性操作", "therapeutic procedure"),
    "surgical": ("相关手术", "operation"),
}
#: ``rule`` of an excluded principal operation: conservative treatment, or the next operation stands in for it, or
#: conservative unless the principal diagnosis is one of ``principal``.
EXCLUDED = ("", "never", "within")
WHOLE = 7  #: codes as long as this are whole codes (K80.100, 51.2300); shorter ones stand for all that begin so
_ANY = ("所有诊断", "所有手术操作", "所有操作", "全部诊断")
_DIAGNOSIS = re.compile(r"[A-Z][0-9]{2}(?:\.[0-9X][0-9A-Z]{0,7})?(?:\+[A-Z][0-9]{2}[0-9A-Z.]*\*?)?\*?")
_RANGE = re.compile(r"([A-Z])([0-9]{2})[-~至]([A-Z])([0-9]{2})")
_DECIMALS = re.compile(r"([A-Z][0-9]{2}\.)([0-9])[-~至]\1([0-9])")
OPERATION = re.compile(r"17\.9[0-9A-Z]{3,5}|[0-9]{2}(?:\.[0-9X]{1,4}(?:X[0-9]{2,5})?)?")
_BLANK = re.compile(r"_X000[DA]_|[\s\u00a0\u200b-\u200d\ufeff]+")


def plain(text: str) -> str:
    """Half width, capitals, no blanks nor line breaks: codes as they are compared."""
    return _BLANK.sub("", normalize("NFKC", text).upper())


def diagnoses(text: str) -> list[str]:
    """The codes of a cell, ``K80.1|K81|A15-A16``, ranges spelt out; '' stands for any. :class:`RuleError` where one is none."""
    found = list[str]()
    for part in re.split("[|;,、]", plain(text).strip("|;,、")):
        if part in _ANY:
            found.append("")
        elif span := _RANGE.fullmatch(part):
            found += _span(span, text)
        elif span := _DECIMALS.fullmatch(part):
            found += [f"{span[1]}{digit}" for digit in range(int(span[2]), int(span[3]) + 1)]
        elif _DIAGNOSIS.fullmatch(part):
            found.append(part)
        elif part or plain(text):
            raise _unread(part, text)
    return list(dict.fromkeys(found))


def _span(span: re.Match[str], text: str) -> list[str]:
    """Every category of a range."""
    first, last = (
        (ord(letter) - 65) * 100 + int(number) for letter, number in ((span[1], span[2]), (span[3], span[4]))
    )
    if first > last:
        raise _unread(span[0], text)
    return [f"{chr(65 + each // 100)}{each % 100:02}" for each in range(first, last + 1)]


def operations(text: str) -> list[frozenset[str]]:
    """The ways in which a case's operations satisfy a cell: ``A+B|C`` is both of A and B, or C; brackets are allowed.

    :class:`RuleError` says where it cannot be read.
    """
    clean = plain(text)
    return list(dict.fromkeys(_Operations(clean).whole())) if clean else []


class _Operations:
    """Reads one expression of operations; ``|`` binds least."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def whole(self) -> list[frozenset[str]]:
        found = self.either()
        if self.at < len(self.text):
            raise self.fault()
        return found

    def either(self) -> list[frozenset[str]]:
        found = self.both()
        while self.took("|"):
            found += self.both() if self.text[self.at :] else []  # a cell may end with the sign
        return found

    def both(self) -> list[frozenset[str]]:
        found = self.one()
        while self.took("+"):
            found = [left | right for left, right in product(found, self.one())]
        return found

    def one(self) -> list[frozenset[str]]:
        if self.took("("):
            found = self.either()
            if not self.took(")"):
                raise self.fault()
            return found
        if any(self.took(words) for words in _ANY):
            return [frozenset([""])]
        match = OPERATION.match(self.text, self.at)
        if not match:
            raise self.fault()
        self.at = match.end()
        return [frozenset([match[0]])]

    def took(self, sign: str) -> bool:
        there = self.text.startswith(sign, self.at)
        self.at += there
        return there

    def fault(self) -> RuleError:
        return _unread(self.text[self.at :], self.text)


def _unread(part: str, text: str) -> RuleError:
    return RuleError(f"看不懂“{quoted(part)}”", f"'{quoted(part)}' is not understood", plain(text).find(part) + 1)


def prefixes(frame: pl.LazyFrame, column: str, lengths: list[int]) -> pl.LazyFrame:
    """Every row with each ``key`` under which a scheme may list its code: the whole code, and what it begins with."""
    code = pl.col(column)
    cut = [frame.filter(code.str.len_chars() >= length).with_columns(key=code.str.head(length)) for length in lengths]
    return pl.concat([*cut, frame.with_columns(key=code)]).unique()


@dataclass(frozen=True)
class Layer:
    """The groups of one kind. ``rows``: ``row`` (the number that the other frames mean) and the scheme's own columns."""

    kind: str
    rows: pl.DataFrame
    principals: pl.DataFrame  #: row, key
    needs: pl.DataFrame  #: row, way (one of several), code, size (how many codes that way needs)
    related: pl.DataFrame  #: likewise
    others: pl.DataFrame  #: row, key

    @property
    def asks(self) -> bool:
        """Whether more than principal diagnosis and operations decides."""
        return self.others.height > 0 or bool((self.rows["rule"] != "").any())


class DipScheme:
    """One scheme. ``frame`` has :data:`COLUMNS`; :class:`~validator.base.errors.InputError` names a row that cannot be read."""

    def __init__(self, frame: pl.DataFrame, name: str = "") -> None:
        self.name = name
        frame = frame.with_columns(pl.col(pl.String).fill_null("")).sort("kind", "place", maintain_order=True)
        self._parts = {str(key[0]): part for key, part in frame.partition_by("kind", as_dict=True).items()}
        self.options = dict(self.part("option").select("code", "rule").iter_rows())
        self.layers = [self._layer(kind) for kind in (*LAYERS, MIXED)]
        self.mixed = self.layers.pop()

    def part(self, kind: str) -> pl.DataFrame:
        """The rows of a kind, in order."""
        return self._parts.get(kind, pl.DataFrame(schema=COLUMNS))

    @property
    def group_count(self) -> int:
        """How many groups it has, the mixed ones included."""
        return pl.concat(self.part(kind)["code"] for kind in (*LAYERS, MIXED)).n_unique()

    @property
    def ordered(self) -> bool:
        """Whether the principal operation must be among those that a group names; else their order says nothing."""
        return self.options.get("position") == "principal"

    def _layer(self, kind: str) -> Layer:
        rows = self.part(kind).with_row_index("row")
        found: dict[str, list[tuple[object, ...]]] = {"principal": [], "procedure": [], "related": [], "other": []}
        for row in rows.iter_rows(named=True):
            try:
                language.parse(row["rule"] if kind != MIXED else "")
                for column in ("principal", "other"):
                    found[column] += [(row["row"], key) for key in diagnoses(row[column])]
                for column in ("procedure", "related"):
                    ways = enumerate(operations(row[column]))
                    found[column] += [(row["row"], way, code, len(each)) for way, each in ways for code in each]
            except RuleError as error:
                raise self._fault(row["code"], error) from error
        return Layer(
            kind, rows, _frame(found["principal"], _KEYS), _frame(found["procedure"], _WAYS),
            _frame(found["related"], _WAYS), _frame(found["other"], _KEYS),
        )  # fmt: skip

    def _fault(self, code: str, error: RuleError) -> InputError:
        zh, en = (
            f"DIP 方案 {self.name}：{code}：{error}",
            f"DIP scheme {self.name}: {code}: {error.en} at {error.place}",
        )
        return InputError(zh, en)

    @cached_property
    def excluded_principals(self) -> pl.Series:
        """What principal diagnoses that are never grouped begin with, or are."""
        return pl.Series(
            [key for code in self.part("excluded_principal")["code"] for key in diagnoses(code)], dtype=pl.String
        )

    @cached_property
    def excluded_procedures(self) -> pl.DataFrame:
        """``code`` and ``rule`` (:data:`EXCLUDED`)."""
        return self.part("excluded_procedure").select(pl.col("code").str.to_uppercase(), "rule").unique("code")

    @cached_property
    def allowed(self) -> pl.DataFrame:
        """``code``: an excluded principal operation that counts with the principal diagnoses ``key``."""
        rows = self.part("excluded_procedure").filter(pl.col("rule") == "within")
        pairs = (
            (row["code"].upper(), key) for row in rows.iter_rows(named=True) for key in diagnoses(row["principal"])
        )
        return _frame(list(pairs), {"code": pl.String, "key": pl.String})

    @cached_property
    def members(self) -> pl.DataFrame:
        """The codes, ``key``, of each set, ``parent``, that rules name."""
        return self.part("member").select("parent", key=pl.col("code").str.to_uppercase())

    @cached_property
    def treatments(self) -> pl.DataFrame:
        """``code`` and the treatment (:data:`TREATMENTS`) that the scheme says it is."""
        return self.part("treatment").select(pl.col("code").str.to_uppercase(), treatment="rule").unique("code")

    @cached_property
    def diagnosis_lengths(self) -> list[int]:
        """How many characters of a diagnosis the scheme may name."""
        listed = [layer.principals["key"] for layer in (*self.layers, self.mixed)]
        listed += [layer.others["key"] for layer in self.layers] + [
            self.allowed["key"],
            self.members["key"],
            self.excluded_principals,
        ]
        return _lengths(listed)

    @cached_property
    def operation_lengths(self) -> list[int]:
        """How many characters of an operation the scheme may name."""
        return _lengths([each["code"] for layer in self.layers for each in (layer.needs, layer.related)])

    def words(self) -> Iterator[tuple[str, int]]:
        """What there is of it, for people: each kind of group with its number."""
        for layer in (*self.layers, self.mixed):
            if layer.rows.height:
                yield layer.kind, layer.rows.height


_KEYS = {"row": pl.UInt32, "key": pl.String}
_WAYS = {"row": pl.UInt32, "way": pl.UInt32, "code": pl.String, "size": pl.UInt32}


def _frame(rows: list[tuple[object, ...]], schema: dict[str, type[pl.DataType]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=schema, orient="row")


def _lengths(codes: list[pl.Series]) -> list[int]:
    found = pl.concat(codes).str.len_chars().unique().sort().to_list()
    return [length for length in found if length < WHOLE]


def filled(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of one kind, in order, with all columns of a scheme."""
    given = {name: pl.col(name) for name in rows.columns} | {"place": pl.int_range(pl.len())}
    text = [name for name, kind in COLUMNS.items() if kind == pl.String]
    every = {name: given.get(name, pl.lit("" if name in text else None)).cast(kind) for name, kind in COLUMNS.items()}
    return rows.select(**every).with_columns(pl.col(text).fill_null(""))


def mixed_rows() -> pl.DataFrame:
    """Mixed groups for a scheme that has none of its own: one for each way of treatment."""
    names = [f"综合病种-{zh}" for zh, _ in TREATMENTS.values()]
    rows = {"kind": MIXED, "code": names, "name": names, "principal": _ANY[0], "rule": list(TREATMENTS)}
    return filled(pl.DataFrame(rows))


@lru_cache(4)
def load(version: Version) -> DipScheme:
    """A version that the registry keeps, in memory."""
    return DipScheme(pl.read_parquet(version.path, glob=False), version.version)
