"""Cases as the groupers take them, from a flat table or from the tables of settlement lists."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from validator.base.errors import InputError
from validator.codes import standards
from validator.grouping import written
from validator.grouping.evidence import Evidence
from validator.read import named_columns

FRAME = {
    "case_id": pl.String, "sex": pl.String, "age": pl.Int32, "age_days": pl.Int32, "weight": pl.Int32, "los": pl.Int32,
    "cost": pl.Float64, "principal": pl.String, "procedure": pl.String,
    "payment": pl.String,  # how the insurance pays (hi_paymtd)
    "outside": pl.String,  # why it takes no part in grouping, by the profile (``reasons.REASONS``)
}  # fmt: skip
OTHERS = {"case": pl.UInt32, "code": pl.String}
#: Columns of a flat table, and what else they are called.
FLAT = {
    "case_id": ("病案号", "病例号", "结算ID", "index"), "sex": ("性别", "gender", "gend"), "age": ("年龄",),
    "age_days": ("天龄", "日龄", "ageday", "nwb_age"), "weight_g": ("体重", "出生体重", "新生儿出生体重", "weight"),
    "diagnoses": ("诊断", "诊断编码", "zdlist"), "procedures": ("手术", "手术编码", "手术操作编码", "sslist"),
    "los": ("住院天数", "实际住院天数"), "cost": ("总费用", "医疗总费用"),
    "payment": ("医保支付方式", "hi_paymtd"),
}  # fmt: skip
_NEVER_WESTERN = ("3", "4", "5")  #: types of diagnosis that are not western in any scheme
_YES = ("1", "01", "是", "Y", "TRUE")
_TCM = ("tcm_disease_2021", "tcm_syndrome_2021", "tcm_disease_2019", "tcm_syndrome_2019")


@dataclass(frozen=True)
class Cases:
    """Some cases; null = not known.

    ``frame``: :data:`FRAME`, with the principal diagnosis and procedure; ``diagnoses`` and ``procedures``: the others
    (:data:`OTHERS`), ``case`` being the row of ``frame``, in the list's order. Codes are as the tables write them.
    """

    frame: pl.DataFrame
    diagnoses: pl.DataFrame
    procedures: pl.DataFrame
    unread: Mapping[str, int] = dataclasses.field(default_factory=dict)  #: field -> values there that cannot be read
    evidence: Evidence | None = None  #: what else the data say of them

    def __len__(self) -> int:
        return self.frame.height

    def take(self, rows: pl.Series) -> "Cases":
        """Some of the cases, in the order of ``rows`` (each row once)."""
        place = pl.DataFrame({"case": rows.cast(pl.UInt32)}).with_row_index("new")

        def of(table: pl.DataFrame) -> pl.DataFrame:
            found = place.join(table, on="case", maintain_order="left_right")
            return found.select(pl.col("new").alias("case"), "code")

        stated = self.evidence and self.evidence.take(rows)
        return Cases(self.frame[rows], of(self.diagnoses), of(self.procedures), evidence=stated)


def is_flat(names: list[str]) -> bool:
    """Whether these are the headings of a flat table: one row a case, its diagnoses in one column."""
    return {"diagnoses", "sex"} <= named_columns.columns(names, FLAT).keys()


def from_flat(frame: pl.DataFrame) -> Cases:
    """Cases of a table with one row each: ``case_id, sex, age, age_days, weight_g, diagnoses, procedures`` (and ``los``,
    ``cost``, ``payment``); codes joined by ``|``, the principal one first. Columns may be lacking, but for the diagnoses.
    """
    found = named_columns.columns(frame.columns, FLAT)
    if "diagnoses" not in found:
        raise InputError(
            f"没有诊断列 diagnoses；应有的列：{'、'.join(FLAT)}",
            f"there is no column 'diagnoses'; the columns are {', '.join(FLAT)}",
        )
    columns = {field: _text(frame[found[field]]) if field in found else _blank(frame.height) for field in FLAT}
    columns["weight"] = columns.pop("weight_g")
    principal, diagnoses = _listed(columns.pop("diagnoses"))
    procedure, procedures = _listed(columns.pop("procedures"))
    numbered = pl.select(pl.format("#{}", pl.int_range(1, frame.height + 1))).to_series()
    ids = columns.pop("case_id").str.strip_chars()
    columns["case_id"] = ids.zip_with((ids != "").fill_null(False), numbered)
    read = _cases(columns, principal, procedure, diagnoses, procedures)
    return dataclasses.replace(read, evidence=Evidence({"setlinfo": frame}))


def from_tables(tables: Mapping[str, pl.DataFrame]) -> Cases:
    """Cases of settlement tables (:class:`~validator.read.partition.Partition`), raw or typed.

    The principal diagnosis is the western one with the flag, else the first western one of which the flag says nothing;
    the principal procedure the one of type 1, else the first. What 4101A leaves out is null.
    """
    lists = tables["setlinfo"]
    height = lists.height

    def first(*names: str) -> pl.Series:
        there = [_text(lists[name]) for name in names if name in lists.columns]
        filled = [
            text.set(text.str.strip_chars().is_in(["0", "0.0", "0.00", *named_columns.NOTHING]), None) for text in there
        ]
        return pl.DataFrame(filled).select(pl.coalesce(pl.all())).to_series() if filled else _blank(height)

    def column(name: str) -> pl.Series:
        return _text(lists[name]) if name in lists.columns else _blank(height)

    columns = {
        "case_id": column("case_id"),
        "sex": column("gend"),
        "age": column("age"),
        "age_days": column("nwb_age"),
        "weight": first("nwb_bir_wt", "nwb_adm_wt", "mul_nwb_bir_wt", "mul_nwb_adm_wt"),
        "los": _stay(column("act_ipt_days"), column("adm_time"), column("dscg_time")),
        "cost": _cost(column("medfee_sumamt"), tables.get("iteminfo"), height),
        "payment": column("hi_paymtd"),
    }
    operations = tables.get("oprninfo")
    if operations is not None:
        operations = _coded(operations, "oprn_oprt_code", "oprn_oprt_name", "oprn_oprt_type")
        operations = operations.with_columns(denied=pl.lit(False))  # many lists do not tell which one is principal
    principal, diagnoses = _split(_western(tables.get("diseinfo")), height)
    procedure, procedures = _split(operations, height)
    found = _cases(columns, principal, procedure, diagnoses, procedures)
    return dataclasses.replace(found, evidence=Evidence(tables))


def _cases(
    columns: dict[str, pl.Series],
    principal: pl.Series,
    procedure: pl.Series,
    diagnoses: pl.DataFrame,
    procedures: pl.DataFrame,
) -> Cases:
    """Return cases from texts: numbers parsed, ages completed, unreadable values counted."""
    read = {name: written.read(columns[name], reader) for name, reader in _READERS.items()}
    read["cost"] = _money(columns["cost"])
    unread = {name: int((each == written.UNREAD).sum()) for name, each in read.items()}
    frame = pl.DataFrame({name: each.set(each == written.UNREAD, None) for name, each in read.items()})
    stated = written.read(columns["age"], lambda text: written.age(text)[1])
    days = pl.coalesce(stated.set(stated == written.UNREAD, None), "age_days")
    age = pl.coalesce("age", (days / written.YEAR).floor().cast(pl.Int32))
    frame = frame.with_columns(
        case_id=columns["case_id"], age=age, principal=principal, procedure=procedure, sex=pl.col("sex").cast(pl.String),
        payment=_filled(columns["payment"].str.strip_chars()), outside=pl.lit(None, pl.String),
        age_days=pl.when((days > 0) | (age == 0)).then(days),  # with years, 0 days say that there is nothing to say
    )  # fmt: skip
    frame = frame.select(pl.col(name).cast(kind) for name, kind in FRAME.items())
    return Cases(frame, diagnoses, procedures, {name: count for name, count in unread.items() if count})


_READERS: dict[str, Callable[[str], int | None]] = {
    "sex": written.sex, "age": lambda text: written.age(text)[0], "age_days": written.age_days,
    "weight": written.weight, "los": written.days,
}  # fmt: skip


def _text(column: pl.Series) -> pl.Series:
    """A column as text; a list of codes joined by ``|``."""
    if isinstance(column.dtype, pl.List):
        return column.cast(pl.List(pl.String)).list.join("|", ignore_nulls=True)
    return column.cast(pl.String)


def _blank(height: int) -> pl.Series:
    return pl.repeat(None, height, dtype=pl.String, eager=True)


def _money(texts: pl.Series) -> pl.Series:
    """Yuan; :data:`written.UNREAD` where what is written is no amount."""
    text = pl.col("text").str.strip_chars()
    amount = text.str.replace_all("[,，]", "").cast(pl.Float64, strict=False)
    right = pl.when(amount.is_finite() & (amount >= 0)).then(amount).otherwise(float(written.UNREAD))
    filled = pl.when(~text.is_in(list(named_columns.NOTHING))).then(right)
    return texts.alias("text").to_frame().select(filled).to_series()


def _tidied(texts: pl.Series, untidy: str, reader: Callable[[str], str]) -> pl.Series:
    """Codes, or lists of them, as the tables write them; only those that look otherwise are gone over."""
    wrong = texts.str.contains(untidy).fill_null(False)
    if not wrong.any():
        return texts
    return texts.zip_with(~wrong, written.read(texts.set(~wrong, None), reader, pl.String))


def _listed(texts: pl.Series) -> tuple[pl.Series, pl.DataFrame]:
    """The first code of each list, and the others."""
    lists = _tidied(texts, written.UNTIDY_LIST, written.codes).str.split("|")
    rows = pl.DataFrame({"case": pl.int_range(texts.len(), dtype=pl.UInt32, eager=True), "code": lists.list.slice(1)})
    return _filled(lists.list.first()), rows.explode("code").filter(pl.col("code") != "")


def _filled(codes: pl.Series) -> pl.Series:
    return codes.set(codes == "", None)


def _western(rows: pl.DataFrame | None) -> pl.DataFrame | None:
    """The western diagnoses: ``_case, code, head, denied`` (by the flag) in the list's order."""
    if rows is None:
        return None
    rows = _coded(rows, "diag_code", "diag_name", "maindiag_flag", "diag_type")
    kind, forms = pl.col("kind").str.strip_chars(), standards.forms()
    tcm = pl.any_horizontal(pl.col("code").str.contains(forms[name].regex) for name in _TCM)
    western = pl.col("code").str.contains(forms["icd10"].regex) | ~(tcm | kind.is_in(_NEVER_WESTERN).fill_null(False))
    unnamed = (pl.col("code") == "") & ~kind.is_in(["", "1"]).fill_null(True)  # without a code, the type must tell
    return rows.filter(western & ~unnamed)


def _coded(rows: pl.DataFrame, code: str, name: str, flag: str, kind: str = "") -> pl.DataFrame:
    """The rows that say something, in order: ``_case, code`` (blank where only the name is there)``, head`` (flagged),
    ``denied`` (flagged as another one)``, kind``.
    """

    def column(field: str) -> pl.Series:
        return _text(rows[field]) if field in rows.columns else _blank(rows.height)

    head = column(flag).str.strip_chars().str.to_uppercase().is_in(_YES)
    frame = rows.select("_case", "_row").with_columns(
        code=_tidied(column(code), written.UNTIDY_CODE, written.code).fill_null(""),
        named=~column(name).str.strip_chars().is_in(list(named_columns.NOTHING)).fill_null(True),
        head=head.fill_null(False),
        denied=~head.fill_null(True) & (column(flag).str.strip_chars() != "").fill_null(False),
        kind=column(kind),
    )
    return frame.filter((pl.col("code") != "") | "named").sort("_case", "_row", maintain_order=True)


def _split(found: pl.DataFrame | None, height: int) -> tuple[pl.Series, pl.DataFrame]:
    """The principal code of each case, the flagged one or the first, and the others; none where all are denied."""
    if found is None:
        return _blank(height), pl.DataFrame(schema=OTHERS)
    found = found.with_row_index("n")
    heads = found.filter(~pl.col("denied")).group_by("_case").agg(n=pl.col("n").get(pl.col("head").arg_max()))
    principal = _blank(height).scatter(heads["_case"], found["code"].gather(heads["n"]))
    others = found.join(heads, on="n", how="anti", maintain_order="left").filter(pl.col("code") != "")
    return _filled(principal), others.select(pl.col("_case").alias("case"), "code")


def _stay(stated: pl.Series, begin: pl.Series, end: pl.Series) -> pl.Series:
    """Return the days of the stay: the field's, else by the dates; a stay within one day counts 1."""

    def day(name: str) -> pl.Expr:
        return pl.col(name).str.slice(0, 10).str.replace_all("[/.]", "-").str.to_date("%Y-%m-%d", strict=False)

    frame = pl.DataFrame({"stated": stated, "begin": begin.str.strip_chars(), "end": end.str.strip_chars()})
    counted = (day("end") - day("begin")).dt.total_days()
    counted = pl.when(counted >= 0).then(counted.clip(1)).cast(pl.String)
    blank = pl.col("stated").str.strip_chars().is_in(list(named_columns.NOTHING)).fill_null(True)
    return frame.select(pl.when(blank).then(counted).otherwise("stated")).to_series()


def principals(tables: Mapping[str, pl.DataFrame]) -> pl.Series:
    """Return the principal diagnosis of each list, as :func:`from_tables` finds it; null where none is known."""
    return _split(_western(tables.get("diseinfo")), tables["setlinfo"].height)[0]


def costs(tables: Mapping[str, pl.DataFrame]) -> pl.Series:
    """Return the total of each list in yuan, of the tables that :func:`from_tables` takes; null where it is not known."""
    lists = tables["setlinfo"]
    stated = _text(lists["medfee_sumamt"]) if "medfee_sumamt" in lists.columns else _blank(lists.height)
    total = _money(_cost(stated, tables.get("iteminfo"), lists.height))
    return total.set(total == written.UNREAD, None)


def _cost(stated: pl.Series, items: pl.DataFrame | None, height: int) -> pl.Series:
    """Return the total: the field's, else the sum of the charge categories."""
    if stated.null_count() < height or items is None or "amt" not in items.columns:
        return stated
    amounts = items.select("_case", amount=_money(_text(items["amt"])))
    sums = amounts.group_by("_case").agg(
        pl.when((pl.col("amount") != written.UNREAD).all()).then(pl.col("amount").sum())
    )
    total = pl.repeat(None, height, dtype=pl.Float64, eager=True).scatter(sums["_case"], sums["amount"])
    return total.cast(pl.String)
