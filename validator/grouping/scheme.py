"""A DRG scheme in memory: its categories with their rules, its sets of codes, complications and exclusions."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache, reduce
from operator import or_
from typing import Any, TypeAlias

import numpy as np
import polars as pl

from validator.base.errors import InputError
from validator.codes.tables import Version
from validator.grouping import language
from validator.grouping.language import Node, RuleError
from validator.read.place import quoted

Numbers: TypeAlias = "np.ndarray[tuple[int], np.dtype[Any]]"
#: The registry's table of such schemes.
TABLE = "drg_scheme"
#: The columns of a scheme's frame; see ``docs/grouping.md``.
COLUMNS = {
    "kind": pl.String, "code": pl.String, "name": pl.String, "rule": pl.String, "parent": pl.String, "place": pl.UInt32,
}  # fmt: skip
LEVELS = ("mdc", "adrg", "drg")
_OF_LEVEL = {"mdc": "主要诊断大类", "adrg": "ADRG", "drg": "DRG"}


@dataclass(frozen=True)
class Slot:
    """One category, ADRG or DRG: a case falls into the first of its scope whose rule holds."""

    code: str
    name: str
    rule: str  #: as written
    node: Node
    parent: str

    @property
    def medical(self) -> bool:
        """Whether an ADRG is for cases without an operation: the second character is a letter from R on."""
        return self.code[1:2] >= "R"

    @property
    def by_diagnosis(self) -> bool:
        """Whether its rule asks for the principal diagnosis."""
        return any("ZYZD" in each.fields for each in language.atoms(self.node))

    @property
    def rest(self) -> bool:
        """Whether it only collects what has no group (X00, X000): landing there is not a group."""
        return self.code[1:] in ("00", "000") or self.code == "0000"


class DrgScheme:
    """One published scheme. ``frame`` has :data:`COLUMNS`.

    Raises :class:`~validator.base.errors.InputError` for a rule that cannot be read, an unknown set or a slot without a scope.
    """

    @property
    def group_count(self) -> int:
        """How many groups it has, without those for what has no other."""
        return sum(not slot.rest for slots in self.drgs.values() for slot in slots)

    def __init__(self, frame: pl.DataFrame, name: str = "") -> None:
        self.name = name
        self._parts = {str(key[0]): part for key, part in frame.partition_by("kind", as_dict=True).items()}
        self.options = dict(self.part("option").select("code", "rule").iter_rows())
        self.mdcs = self._slots("mdc")
        self.adrgs = self._scoped("adrg", self.mdcs)
        self.drgs = self._scoped("drg", [slot for slots in self.adrgs.values() for slot in slots])
        self._check_sets()

    def part(self, kind: str) -> pl.DataFrame:
        """The rows of one kind, as the frame has them."""
        return self._parts.get(kind, pl.DataFrame(schema=COLUMNS))

    def _slots(self, kind: str) -> list[Slot]:
        """The slots of a level in their order; those that only collect the rest go last."""
        found = []
        rows = (
            self.part(kind)
            .sort("place", maintain_order=True)
            .with_columns(pl.col("name", "rule", "parent").fill_null(""))
        )
        for code, name, rule, parent in rows.select("code", "name", "rule", "parent").iter_rows():
            try:
                found.append(Slot(code, name, rule, language.parse(rule), parent))
            except RuleError as error:
                raise self._fault(
                    f"{_OF_LEVEL[kind]} {code} 的规则读不懂：{error}（{rule}）",
                    f"the rule of {kind} {code} cannot be read at {error.place}: {error.en} ({rule})",
                ) from error
        return sorted(found, key=lambda slot: slot.rest)

    def _scoped(self, kind: str, scopes: Iterable[Slot]) -> dict[str, list[Slot]]:
        known: dict[str, list[Slot]] = {slot.code: [] for slot in scopes}
        for slot in self._slots(kind):
            if slot.parent not in known:
                zh, en = (
                    f"{slot.code} 的上级“{quoted(slot.parent)}”不存在",
                    f"'{quoted(slot.parent)}', which holds {slot.code}, is not there",
                )
                raise self._fault(zh, en)
            known[slot.parent].append(slot)
        return known

    def _check_sets(self) -> None:
        named = {name: slot.code for slot in self.slots() for name in language.sets(slot.node)}
        sets = set(self.part("member")["parent"])
        for name, code in named.items():
            if name not in sets:
                raise self._fault(
                    f"{code} 的规则用到集合“{name}”，集合里没有它", f"{code} uses the set '{name}', which is not there"
                )

    def _fault(self, zh: str, en: str) -> InputError:
        return InputError(f"分组方案 {self.name}：{zh}", f"scheme {self.name}: {en}")

    def slots(self) -> list[Slot]:
        """Every category, ADRG and DRG."""
        scoped = [slot for level in (self.adrgs, self.drgs) for slots in level.values() for slot in slots]
        return [*self.mdcs, *scoped]

    @cached_property
    def names(self) -> dict[str, str]:
        """Code of a category, ADRG or DRG -> its name."""
        return {slot.code: slot.name for slot in self.slots()}

    # ---- codes as numbers

    @cached_property
    def _codes(self) -> pl.DataFrame:
        """Every code of the scheme as written, and its number (``id``); letter case makes no difference."""
        kinds = ("member", "cc", "exclusion", "diagnosis", "procedure", "refused")
        codes = pl.concat([self.part(kind)["code"] for kind in kinds]).unique().alias("code").to_frame()
        return codes.with_columns(id=pl.col("code").str.to_uppercase().rank("dense").cast(pl.Int64) - 1)

    @cached_property
    def _folded(self) -> pl.DataFrame:
        return self._codes.with_columns(pl.col("code").str.to_uppercase()).unique("code")

    @cached_property
    def size(self) -> int:
        """How many codes there are; as a number it stands for no code, and for one that the scheme does not know."""
        return self._folded.height

    def numbers(self, codes: pl.Series) -> Numbers:
        """The numbers of codes; only those that are not there as written are looked for in other letter case."""
        wanted = codes.alias("code").to_frame().lazy()
        found = wanted.join(self._codes.lazy(), on="code", how="left", maintain_order="left").collect()["id"]
        if (unmatched := (found.is_null() & codes.is_not_null()).arg_true()).len():
            other = codes.gather(unmatched).str.to_uppercase().alias("code").to_frame()
            found = found.scatter(
                unmatched, other.join(self._folded, on="code", how="left", maintain_order="left")["id"]
            )
        return found.fill_null(self.size).to_numpy()

    @cached_property
    def _members(self) -> dict[str, Numbers]:
        """The code numbers of each set."""
        members = self.part("member")
        numbered = members.select("parent", id=pl.Series(self.numbers(members["code"])))
        return {
            str(key[0]): part["id"].to_numpy() for key, part in numbered.partition_by("parent", as_dict=True).items()
        }

    def mask(self, name: str) -> Numbers:
        """Of every code number, whether the set holds it."""
        if name not in self._masks:
            self._masks[name] = self._mask(self._members[name])
        return self._masks[name]

    @cached_property
    def _masks(self) -> dict[str, Numbers]:
        return {}

    def _marked(self, codes: pl.Series) -> Numbers:
        return self._mask(self.numbers(codes))

    def _mask(self, numbers: Numbers) -> Numbers:
        mask = np.zeros(self.size + 1, dtype=np.bool_)
        mask[numbers] = True
        mask[self.size] = False
        return mask

    @cached_property
    def known(self) -> Numbers:
        """Of every code number, whether it is a diagnosis that the scheme knows."""
        sets = [self.mask(name) for slot in self.mdcs for name in language.sets(slot.node)]
        return reduce(or_, sets, self._marked(self.part("diagnosis")["code"]))

    @cached_property
    def listed(self) -> Numbers:
        """Of every code number, whether some category lists it as principal diagnosis."""
        leaves = [each for slot in self.mdcs for each in language.atoms(slot.node) if "ZYZD" in each.fields]
        sets = [self.mask(name) for each in leaves for name in each.sets]
        return reduce(or_, sets, np.zeros(self.size + 1, dtype=np.bool_))

    @cached_property
    def refused(self) -> Numbers:
        """Of every code number, whether the scheme lists it as never principal."""
        return self._marked(self.part("refused")["code"])

    @cached_property
    def major(self) -> Numbers:
        """Of every code number, whether it is an MCC."""
        return self._marked(self.part("cc").filter(pl.col("rule") == "MCC")["code"])

    @cached_property
    def complication_table(self) -> Numbers:
        """Of every code number, the number of its exclusion table where it is a CC or MCC; else -1."""
        part = self.part("cc")
        tables = np.full(self.size + 1, -1)
        tables[self.numbers(part["code"])] = self._table_numbers(part["parent"])
        return tables

    @cached_property
    def exclusions(self) -> Numbers:
        """Pairs of exclusion table and principal diagnosis, as ``table * (size + 1) + code``."""
        part = self.part("exclusion")
        return self._table_numbers(part["parent"]) * (self.size + 1) + self.numbers(part["code"])

    def _table_numbers(self, tables: pl.Series) -> Numbers:
        names = pl.concat([self.part("cc")["parent"], self.part("exclusion")["parent"]]).unique().drop_nulls().sort()
        return tables.replace_strict(
            names, pl.Series(range(names.len()), dtype=pl.Int64), default=names.len()
        ).to_numpy()


@lru_cache(4)
def load(version: Version) -> DrgScheme:
    """A version that the registry keeps, in memory."""
    return DrgScheme(pl.read_parquet(version.path, glob=False), version.version)
