"""Cases as a scheme sees them: codes as numbers, complications counted, cut into scopes that are judged one by one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import polars as pl

from validator.grouping.language import VIRTUAL, Among, atoms, compiled
from validator.grouping.scheme import DrgScheme, Slot

if TYPE_CHECKING:
    from validator.grouping.cases import Cases

Numbers: TypeAlias = "np.ndarray[tuple[int], np.dtype[Any]]"


@dataclass
class Encoded:
    """Some cases of a scheme. Where codes are numbers, the scheme's size stands for none and for codes it does not know."""

    scheme: DrgScheme
    frame: pl.DataFrame  #: row (of the whole), NL, XB, XSRTL, XSRTZ, MCC, CC (whether another diagnosis counts as one)
    first: dict[str, Numbers]  #: ZYZD, ZYSS -> of every case the number of its code
    others: dict[str, tuple[Numbers, Numbers]]  #: QTZD, QTSS -> rows of ``frame``, numbers of codes

    def holds(self, slots: Sequence[Slot]) -> pl.DataFrame:
        """Of every case, whether the rule of each slot holds: a column per slot, named by its number."""
        columns: dict[Among, pl.Series] = {}
        for each in (each for slot in slots for each in atoms(slot.node)):
            if each not in columns and not set(each.sets) & set(VIRTUAL):
                columns[each] = pl.Series(f"_{len(columns)}", self.held(each))
        names = {each: series.name for each, series in columns.items()}
        rules = [compiled(slot.node, lambda each: names.get(each, each.sets[0])) for slot in slots]
        wide = self.frame.hstack(list(columns.values()))
        hits = wide.with_columns(rule.fill_null(False).alias(str(n)) for n, rule in enumerate(rules))
        return hits.select(str(n) for n in range(len(slots)))

    def hit(self, slots: Sequence[Slot]) -> pl.Series:
        """Of every case, the number of the first slot whose rule holds; null where none does."""
        hits = [pl.when(str(n)).then(pl.lit(n, pl.UInt32)) for n in range(len(slots))]
        nothing = pl.repeat(None, self.frame.height, dtype=pl.UInt32, eager=True)
        return self.holds(slots).with_columns(hit=pl.coalesce(hits))["hit"] if slots else nothing

    def held(self, among: Among) -> Numbers:
        """Whether a code of the fields is in one of the sets; where they are counted, how many of them are."""
        counting = (among.sign, among.number) != (">=", 1)
        mask = reduce(or_, (self.scheme.mask(name) for name in among.sets))
        held = [self._of_field(field, mask, counting) for field in among.fields]
        return sum(held[1:], start=held[0]) if counting else reduce(or_, held)

    def _of_field(self, field: str, mask: Numbers, counting: bool) -> Numbers:
        if field in self.first:
            held = mask[self.first[field]]
            return held.astype(np.uint32) if counting else held
        rows, codes = self.others[field]
        rows = rows[mask[codes]]
        if counting:
            return np.bincount(rows, minlength=self.frame.height)
        some = np.zeros(self.frame.height, dtype=np.bool_)
        some[rows] = True
        return some

    def take(self, rows: Numbers) -> "Encoded":
        """Some of the cases, by their rows in ascending order."""
        place = np.full(self.frame.height, -1)
        place[rows] = np.arange(len(rows))
        others = {}
        for name, (cases, codes) in self.others.items():
            mine = place[cases]
            others[name] = (mine[mine >= 0], codes[mine >= 0])
        first = {name: codes[rows] for name, codes in self.first.items()}
        return Encoded(self.scheme, self.frame[rows], first, others)

    def cut(self, by: pl.Series) -> Iterator[tuple[int, "Encoded"]]:
        """The cases of each value of ``by``, the values ascending; null goes nowhere."""
        key = by.cast(pl.Int16).fill_null(-1).to_numpy()  # NumPy sorts small numbers by counting
        scopes = _parts(key)
        place = np.empty(len(key), dtype=np.int64)
        for rows in scopes.values():
            place[rows] = np.arange(len(rows))
        others = {name: (cases, codes, _parts(key[cases])) for name, (cases, codes) in self.others.items()}
        none = np.zeros(0, dtype=np.int64)
        for value, rows in scopes.items():
            if value >= 0:
                mine = {}
                for name, (cases, codes, parts) in others.items():
                    part = parts.get(value, none)
                    mine[name] = (place[cases[part]], codes[part])
                first = {name: codes[rows] for name, codes in self.first.items()}
                yield value, Encoded(self.scheme, self.frame[rows], first, mine)


def _parts(key: Numbers) -> dict[int, Numbers]:
    """Value -> the places that hold it, in order."""
    order = np.argsort(key, kind="stable")
    values, starts = np.unique(key[order], return_index=True)
    parts = np.split(order, starts[1:]) if len(starts) else []
    return {int(value): part for value, part in zip(values, parts, strict=True)}


def encode(scheme: DrgScheme, cases: "Cases") -> Encoded:
    """The cases in a scheme's numbers; operations that take no part in grouping are left out."""
    frame = cases.frame
    first = {"ZYZD": scheme.numbers(frame["principal"]), "ZYSS": scheme.numbers(frame["procedure"])}
    others = {
        name: (each["case"].to_numpy().astype(np.int64), scheme.numbers(each["code"]))
        for name, each in (("QTZD", cases.diagnoses), ("QTSS", cases.procedures))
    }
    if dropped := scheme.options.get("dropped", ""):
        out = scheme.mask(dropped)
        first["ZYSS"] = np.where(out[first["ZYSS"]], scheme.size, first["ZYSS"])
        rows, codes = others["QTSS"]
        others["QTSS"] = (rows[~out[codes]], codes[~out[codes]])
    counted = complications(scheme, first["ZYZD"], *others["QTZD"])
    flags = {"MCC": np.zeros(frame.height, dtype=np.bool_), "CC": np.zeros(frame.height, dtype=np.bool_)}
    for name, major in (("MCC", True), ("CC", False)):
        flags[name][counted.filter(pl.col("major") == major)["case"].to_numpy()] = True
    coded = frame.select(
        row=pl.int_range(pl.len(), dtype=pl.UInt32), NL="age", XB=pl.col("sex").cast(pl.Int32, strict=False),
        XSRTL="age_days", XSRTZ="weight",
    )  # fmt: skip
    return Encoded(scheme, coded.with_columns(pl.Series(name, flag) for name, flag in flags.items()), first, others)


def complications(scheme: DrgScheme, principal: Numbers, rows: Numbers, codes: Numbers) -> pl.DataFrame:
    """The other diagnoses that count as MCC (``major``) or CC, the principal one not excluding them: case, id, major."""
    table = scheme.complication_table[codes]
    some = table >= 0
    rows, codes, table = rows[some], codes[some], table[some]
    pairs = table * (scheme.size + 1) + principal[rows]
    counts = ~np.isin(pairs, scheme.exclusions)
    return pl.DataFrame({"case": rows[counts], "id": codes[counts], "major": scheme.major[codes[counts]]})
