"""The case record of the stays that the lists tell of: the same people, days, codes and money under the record's names."""

from collections.abc import Callable
from dataclasses import replace

import polars as pl

from validator.generate import money, staff
from validator.generate.draw import Draw
from validator.spec.layouts import Layout

COLUMN = pl.col
#: Where the charges of a list's categories stand on the record; charges of other categories are none of these.
_FEES = {
    "ordn_med_servfee": ("01", "02", "12", "13"), "rdhy_diag_fee": ("03",), "lab_diag_fee": ("04",),
    "ordn_trt_oprt_fee": ("05",), "rgtrt_trt_fee": ("06",), "nurs_fee": ("07",), "trt_dspo_matl_fee": ("08",),
    "wm_fee": ("09",), "tcmherb_fee": ("10",), "tcmpat_fee": ("11",), "oth_fee": ("14",),
}  # fmt: skip
#: The charges that the generator leaves at nothing.
_NO_FEES = (
    "com_med_serv_oth_fee", "palg_diag_fee", "clnc_dise_fee", "nsrgtrt_item_fee", "clnc_phys_trt_fee", "anst_fee",
    "rhab_fee", "tcm_trt_fee", "abtl_medn_fee", "blo_fee", "albu_fee", "glon_fee", "clotfac_fee", "cyki_fee",
    "exam_dspo_matl_fee", "oprn_dspo_matl_fee",
)  # fmt: skip
#: The front page's relation for each of the platform's and of GB/T 4761.
_RELATIONS = {"10": "1", "20": "2", "30": "3", "50": "5", "51": "5", "52": "5", "70": "7"}
#: Where the list has the moment of a day.
_MOMENTS = {"adm_date": "adm_time", "dscg_date": "dscg_time", "oprn_oprt_date": "oprn_oprt_begntime"}
#: The value sets of the performance assessment, made of the list's.
_FORMS: dict[str, Callable[[pl.Expr], pl.Expr]] = {
    "naty_rc035": lambda code: code.cast(pl.Int64).cast(pl.String),
    "dept_rc023": lambda code: code.str.slice(1).str.replace(".", "", literal=True),
    "anst_rc013": lambda code: code.str.slice(0, 1).replace({"1": "01", "2": "02", "3": "03", "4": "05", "9": "99"}),
}


def tables(
    layout: Layout, draw: Draw, cases: pl.DataFrame, items: pl.DataFrame, found: dict[str, pl.DataFrame]
) -> dict[str, pl.DataFrame]:
    """The tables of a record as a layout writes them; ``cases``: those of the lists; ``found``: the lists' tables."""
    keys = cases.select("_case", mdtrt_sn=_number("fixmedins_code"), ipt_medcas_hmpg_sn=_number(pl.lit("HP")))
    valid = pl.lit("1").alias("vali_flag")
    diagnoses = found["diseinfo"].with_columns(valid, adm_cond_code="adm_cond_type")
    operations = found["oprninfo"].with_columns(
        valid,
        oper_name="oper_dr_name",
        anst_mtd_code="anst_way",
        main_oprn_flag=pl.when(COLUMN("oprn_oprt_type") == "1").then(pl.lit("1")).otherwise(pl.lit("0")),
        canc_oprn_flag=pl.lit("0"),
        oprn_lv_code=pl.when(COLUMN("anst_way").is_not_null()).then(pl.lit("3")),
        sinc_heal_lv_code=pl.when(COLUMN("anst_way").is_not_null()).then(pl.lit("5")),
    )
    care = found["icuinfo"].with_columns(
        valid,
        icu_codeid="scs_cutd_ward_type",
        inpool_icu_time="scs_cutd_inpool_time",
        out_icu_time="scs_cutd_exit_time",
    )
    children = {"diseinfo": diagnoses, "oprninfo": operations, "icuinfo": care}
    made = {
        "baseinfo": _page(draw, cases, items, found).hstack(keys.select("mdtrt_sn")),
        **{name: each.join(keys, on="_case", how="left", maintain_order="left") for name, each in children.items()},
    }
    return {name: _as_written(layout, name, frame) for name, frame in made.items()}


def _as_written(layout: Layout, table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The values in the forms of the layout's fields: moments or days, and the value sets of its own."""
    rows = tuple(layout.tables[table].fields.values()) if table in layout.tables else ()
    forms = {row.field: _FORMS[row.domain](COLUMN(row.field)) for row in rows if row.domain in _FORMS}
    moments = {
        name: COLUMN(source)
        for name, source in _MOMENTS.items()
        if any(row.field == name and row.type == "datetime" for row in rows)
    }
    return frame.with_columns(**forms, **moments)


def _number(first: str | pl.Expr) -> pl.Expr:
    return pl.concat_str(first, COLUMN("number").cast(pl.String).str.zfill(9))


def _page(draw: Draw, cases: pl.DataFrame, items: pl.DataFrame, found: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """The page itself: what the list says too, what it does not know, and the charges."""
    senior = staff.of(draw, "attending", cases, 6)
    chief, attending = staff.of(draw, "chief", cases, 6).name(), senior.name()
    resident = replace(senior, person=senior.person + 10).name()
    injured = found["diseinfo"].unique("_case", keep="first", maintain_order=True)["diag_code"].str.slice(0, 3)
    caused = injured.is_between(pl.lit("S00"), pl.lit("T78"))
    nurse, died = staff.of(draw, "nurse", cases, 9).name(), COLUMN("dscg_way") == "5"
    dash = pl.lit("-")
    page = found["setlinfo"].with_columns(
        adm_date=COLUMN("adm_time").str.slice(0, 10),
        dscg_date=COLUMN("dscg_time").str.slice(0, 10),
        ipt_days=pl.max_horizontal(COLUMN("act_ipt_days").cast(pl.Int64), 1).cast(pl.String),
        adm_way_code="adm_way",
        trt_type=pl.lit(None, pl.String),
        patn_ipt_cnt=pl.lit("1"),
        ipt_no=COLUMN("medcasno"),
        mrg_stas=pl.when(cases["years"] < 22).then(pl.lit("1")).otherwise(pl.lit("2")),
        curr_addr=COLUMN("curr_addr").fill_null("-"),
        resd_addr=COLUMN("curr_addr").fill_null("-"),
        empr_addr=COLUMN("emp_name").fill_null("-"),
        empr_tel=COLUMN("emp_tel").fill_null("-"),
        empr_poscode=pl.coalesce("poscode", pl.when(COLUMN("emp_name").is_not_null()).then(pl.lit("100020")), dash),
        coner_rlts_code=COLUMN("patn_rlts").replace_strict(_RELATIONS, default="8", return_dtype=pl.String),
        **{name: pl.lit("100020") for name in ("curr_addr_poscode", "resd_addr_poscode")},
        **dict.fromkeys(("birplc", "napl"), pl.lit("示例市示例区")),
        psn_tel=COLUMN("coner_tel"),
        drug_dicm_flag=pl.lit("1"),
        die_autp_flag=pl.when(died).then(pl.lit("2")),
        die_flag=pl.when(died).then(pl.lit("1")).otherwise(pl.lit("0")),
        abo_code=draw.weighted("abo", {"1": 0.28, "2": 0.24, "3": 0.4, "4": 0.08}),
        rh_code=pl.lit("2"),
        deptdrt_name=staff.of(draw, "head", cases, 1).name(),
        chfdr_name=chief,
        atddr_name=attending,
        ipt_dr_name=resident,
        resp_nurs_name=nurse,
        codr_name=draw.one_of("coder", ["编码员甲", "编码员乙", "编码员丙"]),
        qltctrl_dr_name=attending,
        qltctrl_nurs_name=nurse,
        medcas_qlt_code=pl.lit("1"),
        qltctrl_date=COLUMN("dscg_time").str.slice(0, 10),
        acp_medins_code="acp_optins_code",
        dscg_31days_rinp_flag=COLUMN("days_rinp_flag_31").fill_null("1"),
        dscg_31days_rinp_pup="days_rinp_pup_31",
        brn_damg_bfadm_coma_dura="pwcry_bfadm_coma_dura",
        brn_damg_afadm_coma_dura="pwcry_afadm_coma_dura",
        medfee_paymtd_code=pl.when(COLUMN("hi_type") == "310").then(pl.lit("1")).otherwise(pl.lit("2")),
        **dict.fromkeys(("adm_ward", "dscg_ward"), pl.lit("一病区")),
        RYSJ_S=COLUMN("adm_time").str.slice(11, 2),
        CYSJ_S=COLUMN("dscg_time").str.slice(11, 2),
        A02="fixmedins_name",
        A16="nwb_age",
        A47=pl.lit("-"),
        C01C="wm_dise_code",
        C02N="otp_wm_dise",
        medins_orgcode=pl.lit("40000001-2"),
        train_dr_name=dash,
        intn_dr_name=dash,
        damg_intx_ext_rea=pl.when(caused).then(pl.lit("平地行走时滑倒")).otherwise(dash),
        damg_intx_ext_rea_disecode=pl.when(caused).then(pl.lit("W01.x00")).otherwise(dash),
        vali_flag=pl.lit("1"),
    )
    return page.hstack(_money(cases, items, found["setlinfo"]["bld_amt"].is_not_null()).drop("_case"))


def _money(cases: pl.DataFrame, items: pl.DataFrame, blood: pl.Series) -> pl.DataFrame:
    """The total and the fees, one row a case; ``blood``: what the list calls other charges, or treatment, is the fee of blood."""
    part = [
        COLUMN("total").filter(COLUMN("category").is_in(list(categories))).sum().alias(fee)
        for fee, categories in _FEES.items()
    ]
    sums = items.group_by("_case", maintain_order=True).agg(COLUMN("total").sum().alias("medfee_sumamt"), *part)
    fees = cases.select("_case", selfpay_amt=COLUMN("selfpay") + COLUMN("own")).join(
        sums, on="_case", how="left", maintain_order="left"
    )
    nothing = [pl.lit(0, pl.Int64).alias(fee) for fee in _NO_FEES]
    charge = pl.when(COLUMN("oth_fee") > 0).then(pl.lit("oth_fee")).otherwise(pl.lit("ordn_trt_oprt_fee"))
    fees = fees.with_columns(blood.alias("_blood"), charge.alias("_of"))
    fees = fees.with_columns(COLUMN("rgtrt_trt_fee").alias("rgtrt_fee"), *nothing)
    for fee in ("oth_fee", "ordn_trt_oprt_fee"):
        its = COLUMN("_blood") & (COLUMN("_of") == fee)
        fees = fees.with_columns(
            pl.when(its).then(COLUMN(fee)).otherwise("blo_fee").alias("blo_fee"),
            pl.when(its).then(pl.lit(0, pl.Int64)).otherwise(fee).alias(fee),
        )
    return fees.select("_case", *(money.yuan(name).alias(name) for name in fees.columns if name[0] != "_"))
