"""Clean fictional cases: every table of an interface, as text."""

import numpy as np
import polars as pl

from validator.base.errors import ConfigError
from validator.generate import clinical, fees, kinds, money, people, record, staff, stay
from validator.generate.draw import Draw
from validator.spec.layouts import Layout

COLUMN = pl.col


def tables(layout: Layout, seed: int, first: int, count: int) -> dict[str, pl.DataFrame]:
    """The tables of ``count`` cases from number ``first`` on: official fields as text, ``_case`` and ``_row``."""
    numbers = np.arange(first, first + count, dtype=np.uint64)
    known, draw = kinds.load(), Draw(seed, numbers)
    kind = draw.index("kind", known.parameters["share"].to_list())
    cases = known.parameters[kind].with_columns(
        number=pl.Series(numbers), _case=pl.Series(range(count), dtype=pl.UInt32)
    )
    cases = _hospital(draw, cases)
    cases = stay.add(draw, known, kind, cases)
    cases = people.add(draw, numbers, cases)
    cases = stay.add_care(draw, cases)
    items = money.charges(seed, known, kind, numbers, cases)
    cases = money.settle(draw, items, cases)
    found = {
        "diseinfo": clinical.diagnoses(seed, known, kind, numbers, cases),
        "oprninfo": clinical.procedures(seed, known, kind, numbers, cases),
        "icuinfo": clinical.intensive_care(cases),
        "opspdiseinfo": clinical.outpatient_diseases(draw, known, cases),
        "bldinfo": cases.select("_case", "bld_cat", "bld_amt", "bld_unt").drop_nulls("bld_cat"),
        "iteminfo": _items(items),
        "payinfo": money.payments(draw, cases).with_columns(fund_payamt=money.yuan("fen")),
    }
    found["setlinfo"] = _settlement(draw, seed, known, cases, found)
    if "feedetail" in layout.tables:
        keys = found["setlinfo"].select("_case", "setl_id", "mdtrt_id", "psn_no", "fixmedins_code", "fixmedins_name")
        charged = fees.lines(layout, seed, numbers, cases, items, found["oprninfo"])
        found["feedetail"] = charged.join(keys, on="_case", how="left", maintain_order="left")
    if made_of := layout.interface.made_of:  # the cases are those of the rows, with the fields of the first one
        rows = found[made_of].unique("_case", keep="first", maintain_order=True)
        found[layout.case] = rows.select("_case", *layout.tables[made_of].fields.keys() & set(rows.columns))
    if layout.interface.document == "record":
        found |= record.tables(layout, draw, cases, items, found)
    if layout.case not in found:
        zh, en = f"{layout.name} 不是结算清单，也不是能生成的病案首页", f"no cases of {layout.name} can be made"
        raise ConfigError(zh, en)
    nothing = cases.clear().select("_case")  # of a table that the generator knows nothing of
    return {name: _fitted(found.get(name, nothing), list(table.fields)) for name, table in layout.tables.items()}


def _fitted(frame: pl.DataFrame, fields: list[str]) -> pl.DataFrame:
    """The layout's fields in order, those that the generator knows nothing of null, with the place in the case."""
    columns = [COLUMN(field) if field in frame.columns else pl.lit(None, pl.String).alias(field) for field in fields]
    return frame.select(*columns, "_case", _row=place_in_case())


def place_in_case() -> pl.Expr:
    """1, 2 … within each case; rows of one case stand together."""
    place = pl.int_range(pl.len(), dtype=pl.UInt32)
    first = pl.when(COLUMN("_case").ne_missing(COLUMN("_case").shift())).then(place).forward_fill()
    return (place - first + 1).cast(pl.UInt32)


def _hospital(draw: Draw, cases: pl.DataFrame) -> pl.DataFrame:
    """Add the hospital of each case: a general one, or the special one of its kind."""
    known = people.words()["hospitals"]
    general = draw.index("hospital", [each["share"] if each["kind"] == "general" else 0.0 for each in known])
    special = {each["kind"]: place for place, each in enumerate(known) if each["kind"] != "general"}
    cases = cases.with_columns(
        hospital_number=COLUMN("hospital").replace_strict(special, default=pl.Series(general), return_dtype=pl.Int64)
    )
    names = pl.DataFrame(
        [
            {"fixmedins_name": each["name"], "fixmedins_code": each["code"], "hi_setl_lv": each["grade"]}
            for each in known
        ]
    )
    return cases.hstack(names[cases["hospital_number"]])


def _items(items: pl.DataFrame) -> pl.DataFrame:
    return items.select(
        "_case",
        med_chrgitm="category",
        amt=money.yuan("total"),
        claa_sumfee=money.yuan("a"),
        clab_amt=money.yuan("b"),
        fulamt_ownpay_amt=money.yuan("own"),
        oth_amt=money.yuan("other"),
    )


def _settlement(
    draw: Draw, seed: int, known: kinds.Kinds, cases: pl.DataFrame, found: dict[str, pl.DataFrame]
) -> pl.DataFrame:
    """The remaining columns of ``setlinfo``."""
    physician, nurse = staff.of(draw, "physician", cases, 6), staff.of(draw, "nurse", cases, 9)
    number = (COLUMN("number") + 1).cast(pl.String).str.zfill(8)
    batch = f"{seed % 10_000:04d}"
    counts = {table: _counted(cases, found[table]) for table in ("diseinfo", "oprninfo")}
    first = found["diseinfo"].unique("_case", keep="first", maintain_order=True)
    tcm = COLUMN("tcm_disease").is_not_null()
    return cases.with_columns(
        psn_no=pl.lit(f"110105{batch}00000000") + number,
        mdtrt_id=pl.lit(f"MD{batch}") + number,
        setl_id=pl.lit(f"ST{batch}") + number,
        medcasno=pl.lit(f"M{batch}") + number,
        hi_no=pl.when(draw.unit("no number") > 0.1).then(pl.lit(f"P{batch}") + number),
        bill_code=pl.lit("11060126"),
        bill_no=pl.lit("00") + number,
        biz_sn=pl.lit(f"B{batch}") + number,
        trt_type=pl.when(tcm).then(pl.lit("30")).otherwise(pl.lit("10")),
        otp_wm_dise=first["diag_name"],
        wm_dise_code=first["diag_code"],
        otp_tcm_dise=clinical.name(known, "tcm_disease"),
        tcm_dise_code="tcm_disease",
        diag_code_cnt=pl.when(draw.unit("counted") < 0.9).then(counts["diseinfo"]),
        oprn_oprt_code_cnt=pl.when(draw.unit("counted") < 0.9).then(counts["oprninfo"]),
        chfpdr_name=physician.name(),
        chfpdr_code=physician.code("D"),
        resp_nurs_code=nurse.code("N"),
        stas_type=pl.when(draw.unit("state") < 0.4).then(pl.lit("1")),
        hi_paymtd=draw.weighted("hi_paymtd", {"4": 0.9, "1": 0.08, "2": 0.02}),
        psn_selfpay=money.yuan("selfpay"),
        psn_ownpay=money.yuan("own"),
        acct_pay=money.yuan("account"),
        psn_cashpay=money.yuan("cash"),
        hsorg=pl.lit("示例区医保经办机构"),
        hsorg_opter=draw.one_of("hsorg_opter", ["经办甲", "经办乙", "经办丙"]),
        medins_fill_dept=draw.weighted("fill dept", {"医保办": 0.7, "病案室": 0.3}),
        medins_fill_psn=draw.one_of("fill psn", ["填报员甲", "填报员乙", "填报员丙", "填报员丁"]),
    )


def _counted(cases: pl.DataFrame, rows: pl.DataFrame) -> pl.Series:
    """How many rows each case has, as text."""
    counts = cases.select("_case").join(rows.group_by("_case").len(), on="_case", how="left", maintain_order="left")
    return counts["len"].fill_null(0).cast(pl.String)
