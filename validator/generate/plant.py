"""Planting defects into clean cases: one in each defective case, and the truth table that says which."""

from collections.abc import Mapping
from functools import cache

import numpy as np
import polars as pl

from validator.base.certainty import PLACEHOLDERS
from validator.checks import examples
from validator.generate import options, pages
from validator.generate.cases import place_in_case
from validator.generate.defects import Defect
from validator.generate.draw import Draw, Numbers
from validator.generate.options import APPENDED, Places, Repeat, Tables
from validator.generate.pages import NUMBERS, Planted
from validator.spec.catalogue import Catalogue
from validator.spec.layouts import Layout

TRUTH: dict[str, pl.DataType] = {
    "case_id": pl.String(),
    "table": pl.String(),
    "row": pl.UInt32(),  #: 1-based place within the case; null where the page does not say
    "field": pl.String(),
    "check": pl.String(),  #: the check that must fire
    "planted": pl.String(),  #: what was done
}
_ROWS: dict[str, pl.DataType] = {"_case": pl.UInt32(), **{name: TRUTH[name] for name in list(TRUTH)[1:]}}
Row = tuple[int, str, int | None, str | None, str, str]


def plant(
    catalogue: Catalogue, interface: str, draw: Draw, numbers: Numbers, share: float, tables: Tables
) -> tuple[Tables, pl.DataFrame]:
    """The tables with defects in ``share`` of the cases, and the truth (:data:`TRUTH`)."""
    tables = dict(tables)
    chosen = options.choose(catalogue, interface, draw, numbers, share, tables)
    whole = {case: each for case, each in chosen.items() if isinstance(each, Planted)}
    spoilt = {case: each for case, each in chosen.items() if isinstance(each, Defect)}
    twice = {case: each for case, each in chosen.items() if isinstance(each, Repeat)}
    truth = _spoil(catalogue, interface, spoilt, draw, tables)
    layout = catalogue.layouts[interface]
    truth += _replace(layout, pages.load(catalogue, interface), whole, numbers, tables)
    truth += _repeat(layout.case, twice, tables)
    listed = pl.DataFrame(truth, schema=_ROWS, orient="row").sort("_case")
    return tables, listed.with_columns(case_id=case_ids(layout, tables[layout.case])[listed["_case"]]).select(
        TRUTH.keys()
    )


def case_ids(layout: Layout, cases: pl.DataFrame) -> pl.Series:
    """Return the case ids as the readers will form them."""
    keys = [pl.col(key).str.strip_chars() for key in layout.interface.keys]
    known = [pl.when((key != "") & ~key.is_in(PLACEHOLDERS)).then(key) for key in keys]
    return cases.select(case_id=pl.coalesce(*known))["case_id"]


def _spoil(catalogue: Catalogue, interface: str, spoilt: Mapping[int, Defect], draw: Draw, tables: Tables) -> list[Row]:
    """Break one value in each of some cases."""
    vary = draw.bits("vary")
    truth: list[Row] = []
    for name in tables:
        here = {case: each for case, each in spoilt.items() if each.table == name}
        if not here:
            continue
        cases = np.fromiter(here, dtype=np.int64)
        rows = _rows(catalogue, interface, here, vary, tables)
        if name in APPENDED:
            tables[name] = _with_rows(tables[name], cases, new_rows(interface)[name])
        frame = tables[name]
        at = np.searchsorted(frame["_case"].to_numpy(), cases) + rows - 1
        fields = np.array([each.field for each in here.values()])
        for field in dict.fromkeys(fields.tolist()):
            mine = np.flatnonzero(fields == field)
            old = frame[field][at[mine]].to_list()
            new = [
                here[case].spoil(value, int(number))
                for case, value, number in zip(
                    cases[mine].tolist(), old, vary[cases[mine]] >> np.uint64(40), strict=True
                )
            ]
            frame = frame.with_columns(frame[field].scatter(at[mine], pl.Series(new, dtype=pl.String)))
        tables[name] = frame
        truth += [
            (case, name, row, each.field, each.check, each.says)
            for (case, each), row in zip(here.items(), rows.tolist(), strict=True)
        ]
    return truth


def _rows(catalogue: Catalogue, interface: str, here: Mapping[int, Defect], vary: Numbers, tables: Tables) -> Places:
    """In each case the row to break: any, or one on which the defect's condition holds; 1 where there is none yet."""
    cases = np.fromiter(here, dtype=np.int64)
    order = tables[next(iter(here.values())).table]["_case"].to_numpy()
    count = np.searchsorted(order, cases, side="right") - np.searchsorted(order, cases)
    rows = (vary[cases] % count.clip(min=1).astype(np.uint64)).astype(np.int64) + 1
    checks = np.array([each.check for each in here.values()])
    for each in {each.check: each for each in here.values() if each.condition}.values():
        assert each.condition
        applicable = (
            options.applicable(catalogue, interface, each.condition, tables).unique("_case", keep="first").sort("_case")
        )
        mine = np.flatnonzero(checks == each.check)
        rows[mine] = applicable["_row"].to_numpy()[np.searchsorted(applicable["_case"].to_numpy(), cases[mine])]
    return rows


def _with_rows(frame: pl.DataFrame, cases: Places, row: Mapping[str, str | None]) -> pl.DataFrame:
    """The frame with a row for each of some cases that has none."""
    bare = pl.DataFrame({"_case": np.setdiff1d(cases, frame["_case"].to_numpy())}, schema={"_case": pl.UInt32})
    fresh = bare.with_columns(pl.lit(value, pl.String).alias(field) for field, value in row.items())
    every = pl.concat([frame.drop("_row"), fresh], how="diagonal").sort("_case", maintain_order=True)
    return every.with_columns(_row=place_in_case()).select(frame.columns)


@cache
def new_rows(interface: str) -> dict[str, dict[str, str | None]]:
    """A sound row for each child table, null where it is blank."""
    rows = examples.new_rows(interface)
    return {table: {key: str(value) or None for key, value in row.items()} for table, row in rows.items()}


def _replace(
    layout: Layout, known: pages.RulePages, whole: Mapping[int, Planted], numbers: Numbers, tables: Tables
) -> list[Row]:
    """Put cases of rule pages in the place of some; they keep the identifiers of those."""
    places = pl.DataFrame(
        {"_new": list(whole), "_case": [each.place for each in whole.values()]},
        schema={"_new": pl.UInt32, "_case": pl.UInt32},
    )
    keys = layout.interface.keys
    own = tables[layout.case][places["_new"]].with_columns(
        mark="-" + pl.Series(numbers[places["_new"].to_numpy()]).cast(pl.String)
    )
    for name, frame in tables.items() if whole else ():
        fresh = places.join(known.tables[name], on="_case", maintain_order="left_right").with_columns(_case="_new")
        if name == layout.case:
            fresh = fresh.with_columns(_identifiers(keys, own))
        elif own_keys := [key for key in (*keys, "psn_no") if key in frame.columns and key in own.columns]:
            cases = own.select(own_keys).with_columns(_case=places["_new"])
            fresh = fresh.drop(own_keys).join(cases, on="_case", how="left", maintain_order="left")
        kept = frame.join(places, left_on="_case", right_on="_new", how="anti", maintain_order="left")
        tables[name] = pl.concat([kept, fresh.select(frame.columns)]).sort("_case", "_row")
    return [(case, each.table, each.row, each.field, each.check, each.says) for case, each in whole.items()]


def _identifiers(keys: tuple[str, ...], own: pl.DataFrame) -> list[pl.Expr]:
    """A case's own identifiers; where the page sets one that tells cases apart, a mark makes it differ too."""
    example = {key: pl.col(key) + pl.lit(own["mark"]) for key in keys if key in own.columns}
    return [
        pl.when(f"set:{key}").then(example.get(key, pl.col(key))).otherwise(pl.lit(own[key])).alias(key)
        for key in (*keys, *NUMBERS)
        if key in own.columns
    ]


def _repeat(table: str, twice: Mapping[int, Repeat], tables: Tables) -> list[Row]:
    """Give some cases the key of the case before them, so that both fail."""
    truth: list[Row] = []
    frame = tables[table]
    for case, each in twice.items():
        keys = each.rule.spec["keys"]
        frame = frame.with_columns(frame[key].scatter([case], frame[key][case - 1]) for key in keys)
        says = f"{each.check}：与相邻的病例重复"
        truth += [(both, table, 1, keys[0], each.check, says) for both in (case - 1, case)]
    tables[table] = frame
    return truth
