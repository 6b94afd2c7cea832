"""Cases as a scheme sees them: codes as numbers, complications counted, cut into scopes that are judged one by one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from validator.grouping.language import VIRTUAL, Among, atoms, compiled
from validator.grouping.scheme import Scheme, Slot

if TYPE_CHECKING:
    from validator.grouping.cases import Cases

#: Which column of :attr:`Encoded.frame`, and which list of other codes, a field of the rule language means.
_PRINCIPAL = {"ZYZD": "zyzd", "ZYSS": "zyss"}
_OTHERS = {"QTZD": "qtzd", "QTSS": "qtss"}


@dataclass
class Encoded:
    """Some cases of a scheme.

    ``frame``: row (of the whole), zyzd, zyss (code numbers, null = none or unknown to the scheme), NL, XB, XSRTL, XSRTZ,
    MCC, CC (whether another diagnosis counts as one). ``others``: qtzd and qtss -> case (row of ``frame``) and id.
    """

    scheme: Scheme
    frame: pl.DataFrame
    others: dict[str, pl.DataFrame]

    def first(self, slots: Sequence[Slot]) -> pl.Series:
        """Of every case, the number of the first slot whose rule holds; null where none does."""
        columns: dict[Among, pl.Series] = {}
        for each in (each for slot in slots for each in atoms(slot.node)):
            if each not in columns and not set(each.sets) & set(VIRTUAL):
                columns[each] = self._held(each).alias(f"_{len(columns)}")
        names = {each: series.name for each, series in columns.items()}
        rules = [compiled(slot.node, lambda each: names.get(each, each.sets[0])) for slot in slots]
        told = [pl.when(rule).then(pl.lit(n, pl.UInt32)) for n, rule in enumerate(rules)]
        found = pl.coalesce(told) if told else pl.lit(None, pl.UInt32)
        return self.frame.hstack(list(columns.values())).with_columns(hit=found)["hit"]

    def _held(self, among: Among) -> pl.Series:
        """Whether a code of the fields is in one of the sets; where they are counted, how many of them are."""
        counting = (among.sign, among.number) != (">=", 1)
        masks = [self.scheme.mask(name) for name in among.sets]
        mask = masks[0] if len(masks) == 1 else pl.DataFrame(masks).select(pl.any_horizontal(pl.all())).to_series()
        total: pl.Series | None = None
        for field in among.fields:
            held = self._of_field(field, mask, counting)
            total = held if total is None else (total + held if counting else total | held)
        assert total is not None
        return total

    def _of_field(self, field: str, mask: pl.Series, counting: bool) -> pl.Series:
        if field in _PRINCIPAL:
            held = mask.gather(self.frame[_PRINCIPAL[field]]).fill_null(False)
            return held.cast(pl.UInt32) if counting else held
        others = self.others[_OTHERS[field]]
        cases = others["case"].filter(mask.gather(others["id"]))
        if not counting:
            return pl.repeat(False, self.frame.height, dtype=pl.Boolean, eager=True).scatter(cases, True)
        counts = cases.value_counts()
        none = pl.repeat(0, self.frame.height, dtype=pl.UInt32, eager=True)
        return none.scatter(counts["case"], counts["count"])

    def cut(self, by: pl.Series) -> Iterator[tuple[int, "Encoded"]]:
        """The cases of each value of ``by``; null goes nowhere."""
        place = self.frame.select(_by=by).with_columns(at=pl.int_range(pl.len(), dtype=pl.UInt32).over("_by"))
        frames = self.frame.with_columns(_by=by).partition_by("_by", as_dict=True, include_key=False)
        others = {
            name: each.select(_by=by.gather(each["case"]), case=place["at"].gather(each["case"]), id=each["id"])
            .partition_by("_by", as_dict=True, include_key=False)
            for name, each in self.others.items()
        }  # fmt: skip
        for (value,), frame in frames.items():
            if value is not None:
                mine = {name: parts.get((value,), _NONE) for name, parts in others.items()}
                yield int(str(value)), Encoded(self.scheme, frame, mine)


_NONE = pl.DataFrame(schema={"case": pl.UInt32, "id": pl.UInt32})


def encode(scheme: Scheme, cases: "Cases") -> Encoded:
    """The cases in a scheme's numbers; operations that take no part in grouping are left out."""
    frame, dropped = cases.frame, scheme.options.get("dropped", "")
    others = {
        name: each.select("case", id=scheme.ids(each["code"])).drop_nulls("id")
        for name, each in (("qtzd", cases.diagnoses), ("qtss", cases.procedures))
    }
    principal, operation = scheme.ids(frame["principal"]), scheme.ids(frame["procedure"])
    if dropped:
        out = scheme.mask(dropped)
        operation = pl.select(pl.when(~out.gather(operation).fill_null(False)).then(operation)).to_series()
        others["qtss"] = others["qtss"].filter(~out.gather(others["qtss"]["id"]))
    coded = pl.DataFrame(
        {
            "row": pl.int_range(frame.height, dtype=pl.UInt32, eager=True),
            "zyzd": principal, "zyss": operation, "NL": frame["age"],
            "XB": frame["sex"].cast(pl.Int32, strict=False), "XSRTL": frame["age_days"], "XSRTZ": frame["weight"],
        }
    )  # fmt: skip
    counted = _complications(scheme, coded, others["qtzd"])
    flags = {
        name: pl.repeat(False, frame.height, dtype=pl.Boolean, eager=True).scatter(rows, True)
        for name, rows in counted.items()
    }
    return Encoded(scheme, coded.with_columns(**flags), others)


def _complications(scheme: Scheme, cases: pl.DataFrame, diagnoses: pl.DataFrame) -> dict[str, pl.Series]:
    """The cases with an MCC and those with a CC that the principal diagnosis does not exclude."""
    found = counted(scheme, cases["zyzd"], diagnoses)
    return {
        "MCC": found.filter("major")["case"].unique(),
        "CC": found.filter(~pl.col("major"))["case"].unique(),
    }


def counted(scheme: Scheme, principal: pl.Series, diagnoses: pl.DataFrame) -> pl.DataFrame:
    """The other diagnoses that count as MCC (``major``) or CC: case, id, major."""
    rows = diagnoses.lazy().join(scheme.complications.lazy(), on="id")
    rows = rows.with_columns(principal=principal.gather(rows.select("case").collect()["case"]))
    out = scheme.exclusions.lazy().rename({"id": "principal"})
    return rows.join(out, on=["table", "principal"], how="anti").select("case", "id", "major").collect()
