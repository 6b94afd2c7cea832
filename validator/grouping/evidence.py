"""What the data say besides the cases: what a correction may rest on, and whose case it is."""

from collections.abc import Mapping
from functools import cached_property

import polars as pl

from validator.grouping import written
from validator.read import named_columns
from validator.spec import functions

#: Of the cases, row by row; null = nothing to go by.
FRAME = {
    "sex": pl.String,  #: as the resident ID number says
    "age": pl.Int32, "age_days": pl.Int32,  #: from birth to admission: completed years, days
    "weight": pl.Int32,  #: of a newborn, grams, from whichever field can be read
}  # fmt: skip
#: Whose case it is, as written.
CONTEXT = {
    "record": pl.String, "department": pl.String,
    "physician": pl.String, "physician_code": pl.String, "coder": pl.String, "month": pl.String,
}  # fmt: skip
#: What the fields are called in flat tables.
_ALSO = {
    "medcasno": ("record_number", "病案号", "住院号"),
    "certno": ("身份证号", "证件号码"), "brdy": ("出生日期",), "adm_time": ("入院日期", "入院时间"),
    "dscg_time": ("discharged", "出院日期", "出院时间"), "dscg_caty": ("department", "出院科室", "出院科别", "科室"),
    "chfpdr_name": ("physician", "主诊医师", "主管医师", "医师"), "medins_fill_psn": ("coder", "编码员", "填报人"),
}  # fmt: skip
_WEIGHTS = ("nwb_adm_wt", "nwb_bir_wt", "mul_nwb_adm_wt", "mul_nwb_bir_wt")
_RESIDENT = "01"  #: the type of document that is a resident ID card
_ABSENT = "4"  #: condition on admission: the disease came later


class Evidence:
    """The evidence of settlement tables (:class:`~validator.read.partition.Partition`), raw or typed, or of a flat table given as
    ``setlinfo`` that has columns of it; worked out when asked for.
    """

    def __init__(self, tables: Mapping[str, pl.DataFrame], rows: pl.Series | None = None) -> None:
        """``rows``: the cases that are meant, in order; else all of them."""
        self._tables, self._rows = tables, rows

    def take(self, rows: pl.Series) -> "Evidence":
        """That of some of the cases, in the order of ``rows``."""
        return Evidence(self._tables, rows if self._rows is None else self._rows.gather(rows))

    @cached_property
    def frame(self) -> pl.DataFrame:
        """One row a case (:data:`FRAME`)."""
        every = _facts(_Table(self._tables["setlinfo"]))
        return every if self._rows is None else every[self._rows]

    @cached_property
    def context(self) -> pl.DataFrame:
        """One row a case (:data:`CONTEXT`); null where nothing is known."""
        lists = _Table(self._tables["setlinfo"])
        every = pl.DataFrame(
            {
                "record": lists.text("medcasno"), "department": lists.text("dscg_caty"), "physician": lists.text("chfpdr_name"),
                "physician_code": lists.text("chfpdr_code"), "coder": lists.text("medins_fill_psn"),
                "month": lists.day("dscg_time").dt.strftime("%Y-%m"),
            }
        )  # fmt: skip
        return every if self._rows is None else every[self._rows]

    @cached_property
    def late(self) -> pl.DataFrame:
        """The diagnoses that arose after admission: case, code."""
        every = _late(self._tables.get("diseinfo"))
        if self._rows is None:
            return every
        place = pl.DataFrame({"case": self._rows.cast(pl.UInt32)}).with_row_index("new")
        return place.join(every, on="case", maintain_order="left_right").select(pl.col("new").alias("case"), "code")


def _facts(lists: "_Table") -> pl.DataFrame:
    birth, admission = lists.day("brdy"), lists.day("adm_time")
    days = (admission - birth).dt.total_days()
    days = days.set(days < 0, None)
    passed = _day_of_year(admission) >= _day_of_year(birth)
    years = admission.dt.year() - birth.dt.year() - (~passed).cast(pl.Int32)
    weights = [written.read(lists.text(name), written.weight) for name in _WEIGHTS]
    read = [each.set(each == written.UNREAD, None).alias(f"{n}") for n, each in enumerate(weights)]
    return pl.DataFrame(
        {
            "sex": _sex_by_number(lists, birth), "age": years.set(days.is_null(), None), "age_days": days,
            "weight": pl.DataFrame(read).select(pl.coalesce(pl.all())).to_series(),
        },
        schema_overrides=FRAME,
    )  # fmt: skip


def _day_of_year(days: pl.Series) -> pl.Series:
    """Month and day as one number: 1231."""
    return days.dt.month().cast(pl.Int32) * 100 + days.dt.day().cast(pl.Int32)


def _sex_by_number(lists: "_Table", birth: pl.Series) -> pl.Series:
    """The sex of a resident ID number, if it is a right one and the patient's own: infants are often under a parent's."""
    number = pl.col("number").str.strip_chars()
    own = (pl.col("kind") == _RESIDENT).fill_null(True) & functions.resident_id_valid(number)
    own &= functions.resident_id_birthday(number) == pl.col("birth")
    frame = pl.DataFrame({"kind": lists.text("patn_cert_type"), "number": lists.text("certno"), "birth": birth})
    return frame.select(pl.when(own).then(functions.resident_id_sex(number))).to_series()


def _late(rows: pl.DataFrame | None) -> pl.DataFrame:
    if rows is None or "adm_cond_type" not in rows.columns or "diag_code" not in rows.columns:
        return pl.DataFrame(schema={"case": pl.UInt32, "code": pl.String})
    table = _Table(rows)
    late = pl.DataFrame({"case": rows["_case"], "code": table.text("diag_code"), "on": table.text("adm_cond_type")})
    return late.filter(pl.col("on") == _ABSENT).select("case", "code")


class _Table:
    def __init__(self, frame: pl.DataFrame) -> None:
        self.frame = frame

    def text(self, name: str) -> pl.Series:
        """A field as text; null where it is blank, a placeholder or not there."""
        there = named_columns.columns(self.frame.columns, {name: _ALSO.get(name, ())})
        if not there:
            return pl.repeat(None, self.frame.height, dtype=pl.String, eager=True)
        found = self.frame[there[name]].cast(pl.String).str.strip_chars()
        return found.set(found.is_in(list(named_columns.NOTHING)), None)

    def day(self, name: str) -> pl.Series:
        """A date, or the date of a time."""
        text = self.text(name).str.replace(r"\A([0-9]{4})([0-9]{2})([0-9]{2})", "$1-$2-$3").str.slice(0, 10)
        return text.str.replace_all("[/.]", "-").str.to_date("%Y-%m-%d", strict=False)
