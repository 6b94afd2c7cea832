"""Charge lines of generated cases: each category's lines add up to its total on the list, to the fen."""

import numpy as np
import polars as pl

from validator.generate.draw import Draw, Numbers
from validator.generate.stay import written
from validator.spec.layouts import Layout

COLUMN = pl.col
_DAY = 1440
MOST = 6  #: lines of a category that is not charged by the day
_RETURNED = 0.02  #: share of drugs and consumables of which one is refunded
ABOUT = 60_000  #: fen of such a line, where the total allows
#: Category -> codes of what is charged, with the hospital's own names. Those of drugs and consumables are made up.
_ITEMS = {
    "01": [("001109000010000", "普通病房床位费")],
    "02": [("001102000050000", "住院诊查费")],
    "03": [("002103000010000", "CT 平扫"), ("002202010020000", "B 超常规检查"), ("002101020010000", "X 线摄影")],
    "04": [("002501010150000", "血细胞分析"), ("002503050010000", "生化检查"), ("002504030010000", "感染免疫检测")],
    "05": [("001203000010000", "氧气吸入"), ("001204000020000", "静脉注射"), ("003401000010000", "物理治疗")],
    "06": [("003310030110000", "手术费"), ("003315050010000", "手术费（骨科）")],
    "08": [("C0401010520000100003", "敷料"), ("C0301010520000100002", "止血材料")],
    "09": [("XA01ABD075A002010100483", "含片"), ("XA01ABD075A002010200483", "含片（大包装）")],
    "10": [("T000100010", "饮片甲"), ("T000100020", "饮片乙")],
    "11": [("ZC01AAA0042010105549", "注射液")],
    "14": [("001108000010000", "病房空调降温费"), ("001106000010000", "救护车费")],
}
#: What a procedure is charged as, by the beginning of its code: category, code, name.
_CARE = {
    "96.7": ("05", "003106030010000", "呼吸机辅助呼吸"), "39.95": ("05", "003110000060000", "血液透析"),
    "99.04": ("04", "002600000010000", "ABO 血型鉴定"), "45.16": ("03", "002703000020000", "手术标本检查与诊断"),
    "73.5": ("06", "003314000020000", "单胎顺产接生"), "74.1": ("06", "003314000120000", "剖宫产术"),
}  # fmt: skip
_ANAESTHESIA = ("05", "003301000050000", "全身麻醉")
_NURSING = (("spga", "001201000020000", 12_000), ("lv1", "001201000030000", 6_000), ("scd", "001201000040000", 3_000),
            ("lv3", "001201000050000", 1_500))  # fmt: skip


def lines(
    layout: Layout, seed: int, numbers: Numbers, cases: pl.DataFrame, items: pl.DataFrame, procedures: pl.DataFrame
) -> pl.DataFrame:
    """The rows of ``feedetail`` under the names of every layout, ordered by case and time.

    ``cases``: with stay (``adm``, ``dscg`` in minutes, ``days``) and care; ``items``: category and ``total`` in fen;
    ``procedures``: what was done, which the lines charge. An outpatient visit has no bed, and its charges are a minute apart.
    """
    outpatient = layout.interface.number == "2204"
    stay = cases.select("adm", "dscg", every=COLUMN("days").clip(1))[items["_case"]]
    rows = items.select("_case", "category", "total").hstack(stay)
    daily = rows.filter(COLUMN("category").is_in(["01", "02"]))
    others = rows.filter(~COLUMN("category").is_in(["01", "02", "07"]) & (COLUMN("total") > 0))
    found = [_split(seed, numbers, others, _care(cases, procedures))]
    every = pl.concat(found if outpatient else [_by_day(daily), _nursing(cases), *found])
    every = every.sort("_case", "minute", "category", "code", maintain_order=True)
    every = every.hstack(_own_expense(every, items)).hstack(cases.select("adm", "dscg", "dept")[every["_case"]])
    number = pl.int_range(pl.len()).over("_case") + 1
    every = every.with_columns(sn=pl.concat_str(pl.lit("F"), number), original=pl.lit(None, pl.String))
    every = every.with_columns(minute=COLUMN("adm") + number) if outpatient else _with_refunds(seed, numbers, every)
    return every.select("_case", **_named("11" if outpatient else "21"))


def _with_refunds(seed: int, numbers: Numbers, every: pl.DataFrame) -> pl.DataFrame:
    """Of some drugs and consumables one is charged too many, and refunded half an hour later."""
    place = every["sn"].str.slice(1).cast(pl.UInt64).to_numpy()
    returned = Draw(seed, numbers[every["_case"]] * np.uint64(4096) + place).unit("returned") < _RETURNED
    every = every.with_columns(returned=returned & COLUMN("category").is_in(["08", "09"]))
    more = every.with_columns(quantity=COLUMN("quantity") + COLUMN("returned"))
    refunds = every.filter("returned").with_columns(
        quantity=pl.lit(-1, pl.Int64),
        own=pl.lit(0, pl.Int64),
        minute=pl.min_horizontal(COLUMN("minute") + 30, COLUMN("dscg")),
        original=COLUMN("sn"),
        sn=pl.concat_str(pl.lit("R"), COLUMN("sn")),
    )
    return pl.concat([more, refunds]).sort("_case", "minute", maintain_order=True)


def _own_expense(every: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """``own``: of each line its part of the category's own expense, in fen; they add up to it."""
    sums = items.select("_case", "category", "total", expense="own")
    rows = every.join(sums, on=["_case", "category"], how="left", maintain_order="left")
    so_far = (COLUMN("quantity") * COLUMN("price")).cum_sum().over("_case", "category")
    spent = (COLUMN("expense") * so_far // COLUMN("total")).fill_null(0)
    whole = rows.select("_case", "category", spent=spent)
    return whole.select(own=COLUMN("spent") - COLUMN("spent").shift(1, fill_value=0).over("_case", "category"))


def _by_day(rows: pl.DataFrame) -> pl.DataFrame:
    """One line a day at eight in the evening, but for the day of discharge; the price is the total by the days."""
    days = rows.with_columns(nth=pl.int_ranges(0, "every")).explode("nth")
    codes = {category: some[0][0] for category, some in _ITEMS.items()}
    return days.select(
        "_case",
        "category",
        code=COLUMN("category").replace_strict(codes, return_dtype=pl.String),
        quantity=pl.lit(1, pl.Int64),
        price=COLUMN("total") // COLUMN("every"),
        minute=_evening(COLUMN("nth")),
    )


def _evening(nth: pl.Expr) -> pl.Expr:
    """Eight in the evening of a day of the stay; not before admission nor after discharge."""
    evening = (COLUMN("adm") // _DAY + nth) * _DAY + 20 * 60
    return pl.max_horizontal(COLUMN("adm"), pl.min_horizontal(evening, COLUMN("dscg"))).cast(pl.Int64)


def _nursing(cases: pl.DataFrame) -> pl.DataFrame:
    """A line a day of the level of that day, the highest first."""
    before, found = pl.lit(0, pl.Int64), list[pl.DataFrame]()
    for level, code, fen in _NURSING:
        count = COLUMN(f"{level}_nurscare_days").cast(pl.Int64)
        days = cases.select("_case", "adm", "dscg", nth=pl.int_ranges(before, before + count)).explode("nth")
        found.append(
            days.drop_nulls("nth").select(
                "_case",
                category=pl.lit("07"),
                code=pl.lit(code),
                quantity=pl.lit(1, pl.Int64),
                price=pl.lit(fen, pl.Int64),
                minute=_evening(COLUMN("nth")),
            )
        )
        before = before + count
    return pl.concat(found)


def _care(cases: pl.DataFrame, procedures: pl.DataFrame) -> pl.DataFrame:
    """The charges of what was done: category, code, ``hours`` on the ventilator, and which line of the category (``nth``)."""
    begins = pl.coalesce(
        pl.when(COLUMN("oprn_oprt_code").str.starts_with(prefix)).then(pl.lit(prefix)) for prefix in _CARE
    )
    asleep = COLUMN("anst_way").str.slice(0, 1).is_in(["1", "2", "4"])
    known = {**_CARE, "asleep": _ANAESTHESIA}
    done = pl.concat(
        [
            procedures.select("_case", care=begins),
            procedures.filter(asleep).select("_case", care=pl.lit("asleep")),
        ]
    ).drop_nulls("care").unique(maintain_order=True).sort("_case", maintain_order=True)  # fmt: skip
    charged = done.select(
        "_case",
        category=COLUMN("care").replace_strict({key: each[0] for key, each in known.items()}, return_dtype=pl.String),
        charge=COLUMN("care").replace_strict({key: each[1] for key, each in known.items()}, return_dtype=pl.String),
        hours=pl.when(COLUMN("care") == "96.7").then(cases["vent_minutes"][done["_case"]] // 60),
    )
    return charged.with_columns(nth=(COLUMN("charge").cum_count().over("_case", "category") - 1).cast(pl.Int64))


def _split(seed: int, numbers: Numbers, rows: pl.DataFrame, care: pl.DataFrame) -> pl.DataFrame:
    """A total in a few lines over the stay, those of ``care`` first; the last takes what the others leave."""
    count = (COLUMN("total") // ABOUT).clip(1, MOST)
    parts = rows.with_columns(count=count, nth=pl.int_ranges(0, count)).explode("nth")
    parts = parts.join(care, on=["_case", "category", "nth"], how="left", maintain_order="left")
    slot = parts["nth"].to_numpy().astype(np.uint64) * np.uint64(32) + parts["category"].cast(pl.UInt64).to_numpy()
    draw = Draw(seed, numbers[parts["_case"]] * np.uint64(256) + slot)
    last = COLUMN("nth") == COLUMN("count") - 1
    usual = pl.coalesce("hours", draw.between("quantity", 1, 3))
    parts = parts.with_columns(quantity=pl.when(last).then(1).otherwise(usual).cast(pl.Int64))
    parts = parts.with_columns(price=COLUMN("total") // COLUMN("count") // COLUMN("quantity"))
    spent = (COLUMN("quantity") * COLUMN("price")).sum().over("_case", "category") - COLUMN("price")
    codes = pl.DataFrame(
        [(category, place, code) for category, some in _ITEMS.items() for place, (code, _) in enumerate(some)],
        schema={"category": pl.String, "place": pl.Int64, "code": pl.String},
        orient="row",
    )
    sizes = {category: len(some) for category, some in _ITEMS.items()}
    size = COLUMN("category").replace_strict(sizes, return_dtype=pl.Int64)
    placed = parts.with_columns(
        place=COLUMN("nth") % size, price=pl.when(last).then(COLUMN("total") - spent).otherwise("price")
    )
    placed = placed.join(codes, on=["category", "place"], how="left", maintain_order="left")
    minute = COLUMN("adm") + (COLUMN("dscg") - COLUMN("adm")) * (COLUMN("nth") + 1) // (COLUMN("count") + 1)
    code = pl.coalesce("charge", "code").alias("code")
    return placed.select("_case", "category", code, "quantity", "price", minute=minute.cast(pl.Int64))


def _named(med_type: str) -> dict[str, pl.Expr]:
    """The fields under the names of every layout; those that a layout does not have are left out later."""
    names = {code: name for some in _ITEMS.values() for code, name in some} | {
        code: "护理费" for _, code, _ in _NURSING
    }
    names |= {code: name for _, code, name in (*_CARE.values(), _ANAESTHESIA)}
    name = COLUMN("code").replace_strict(names, return_dtype=pl.String)
    fen = COLUMN("quantity") * COLUMN("price")
    own = pl.concat_str(pl.lit("L"), COLUMN("code"))
    return {
        "feedetl_sn": COLUMN("sn"),
        "bkkp_sn": COLUMN("sn"),
        "init_feedetl_sn": COLUMN("original"),
        "chrg_bchno": pl.lit("1"),
        "med_type": pl.lit(med_type),
        "fee_ocur_time": written("minute"),
        "med_list_codg": COLUMN("code"),
        "hilist_code": COLUMN("code"),
        "hilist_name": name,
        "medins_list_codg": own,
        "medins_list_name": name,
        "med_chrgitm_type": COLUMN("category"),
        "det_item_fee_sumamt": _decimal(fen, 2),
        "cnt": pl.concat_str(COLUMN("quantity"), pl.lit(".0000")),
        "pric": pl.concat_str(_decimal(COLUMN("price"), 2), pl.lit("0000")),
        "fulamt_ownpay_amt": _decimal(COLUMN("own"), 2),
        "overlmt_selfpay": pl.lit("0.00"),
        "preselfpay_amt": pl.lit("0.00"),
        "inscp_amt": _decimal(fen - COLUMN("own"), 2),
        "bilg_dept_codg": COLUMN("dept"),
        "bilg_dept_name": pl.concat_str(pl.lit("科室"), COLUMN("dept")),
        "bilg_dr_codg": pl.lit("D110105000011"),
        "bilg_dr_code": pl.lit("D110105000011"),
        "bilg_dr_name": pl.lit("医师丁"),
        "dscg_tkdrug_flag": pl.lit("0"),
        "vali_flag": pl.lit("1"),
    }


def _decimal(fen: pl.Expr, places: int) -> pl.Expr:
    return (fen.cast(pl.Decimal(18, places)) / 100).cast(pl.String)
