"""One row per stay: what measures, indicators and signals read, taken from the lists while they are checked."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

import polars as pl

from validator.base import frame_bytes
from validator.checks.typing import Typing
from validator.grouping.cases import from_tables
from validator.grouping.outside import Outside
from validator.grouping.report import names
from validator.inspection import score
from validator.read.partition import Partition
from validator.scoring import cells, lines, pages
from validator.scoring.faults import dip_checks, faults
from validator.spec.catalogue import Catalogue

if TYPE_CHECKING:
    from validator.api import Report
    from validator.grouping.grouper import Grouper

#: A row for each list, in the order in which they were read; null = not known. Money is in fen.
STAYS: dict[str, pl.DataType] = {
    "case_id": pl.String(), "record_number": pl.String(), "hospital": pl.String(), "hospital_name": pl.String(),
    "department": pl.String(), "coder": pl.String(),
    "physician": pl.String(),  #: name and code, as ``grouping.report.names`` keeps them apart
    "month": pl.String(),  #: of discharge
    "admitted": pl.Date(), "discharged": pl.Date(),
    "person": pl.UInt64(),  #: certificate number with date of birth (4101A: number of the person), never as a text
    "days": pl.Int64(),  #: calendar days from admission to discharge; a stay within one day counts 1
    "left": pl.String(),  #: manner of discharge
    "payment": pl.String(),
    "principal": pl.String(), "procedure": pl.String(),  #: codes
    "total": pl.Int64(), "own": pl.Int64(),  #: all charges; 个人自费 psn_ownpay
    "own_charged": pl.Int64(),  #: Σ fulamt_ownpay_amt of the charge categories
    #: by charge category: 床位、诊察、护理、一般诊疗、挂号; 检查、化验; 西药、饮片、中成药
    "bed": pl.Int64(), "tests": pl.Int64(), "drugs": pl.Int64(),
    "fund": pl.Int64(),  #: paid by the funds, Σ fund_payamt
    "critical": pl.Boolean(),  #: intensive care, ventilator, nursing of the special grade, or a DRG with major complications
    "compared": pl.Boolean(),  #: its case record was there
    "page_filled": pl.Int64(),  #: required cells of the record that are filled
    "status": pl.String(), "group": pl.String(),  #: of the grouper; null without a scheme
}  # fmt: skip
#: Charge categories (med_chrgitm) -> their column.
_CHARGES = {"bed": ("01", "02", "07", "12", "13"), "tests": ("03", "04"), "drugs": ("09", "10", "11")}
_TEXTS = {
    "record_number": "medcasno", "hospital": "fixmedins_code", "hospital_name": "fixmedins_name", "department": "dscg_caty",
    "coder": "medins_fill_psn", "left": "dscg_way", "payment": "hi_paymtd", "physician": "chfpdr_name",
    "physician_code": "chfpdr_code",
}  # fmt: skip
_MAJOR = "1"  #: ends the code of a DRG with major complications
_CRITICAL = ("vent_used_dura", "spga_nurscare_days")
#: Fields of the list that are read.
_OF_LISTS = {"adm_time", "dscg_time", "certno", "brdy", "psn_no", "psn_ownpay", *_TEXTS.values(), *_CRITICAL}


class Stays:
    """Collects the stays of a check run."""

    def __init__(self, catalogue: Catalogue, grouper: "Grouper | None") -> None:
        self.catalogue, self.grouper = catalogue, grouper
        self._outside = Outside(catalogue)
        self._counted = cells.Counter(catalogue)
        self._parts: dict[int, pl.DataFrame] = {}  #: by the place of partition or unit
        self._places = set[pages.Place]()  #: of records
        self.not_grouped = Counter[str]()  #: why a partition could not be grouped -> its stays

    def watching(self, parts: Iterable[Partition]) -> Iterator[Partition]:
        """The partitions, the stays of each taken as it passes."""
        for part in parts:
            document = self.catalogue.layouts[part.layout].interface.document
            if document == "list":
                self._parts[len(self._parts)] = self._of(part)
            elif document == "record":
                self._places.update(map(pages.place, part.sources))
            yield part
            del part  # or it would stay while the next one is read

    def to_bytes(self) -> bytes:
        """What was taken of a unit, for :meth:`merge` in another process."""
        used = [each.version for each in self.grouper.used] if self.grouper else []
        about = {"places": sorted(self._places, key=repr), "not_grouped": self.not_grouped, "used": used}
        return frame_bytes.with_about(self._stays(), about)

    def merge(self, content: bytes, number: int) -> None:
        """Add what :meth:`to_bytes` says of the unit of a number."""
        self._parts[number], known = frame_bytes.apart(content)
        self._places.update((file, sheet, path, table) for file, sheet, path, table in known["places"])
        self.not_grouped.update(known["not_grouped"])
        if self.grouper:
            self.grouper.use(known["used"])

    def _stays(self) -> pl.DataFrame:
        """The stays so far, in the order in which they were read."""
        parts = [self._parts[number] for number in sorted(self._parts)]
        return pl.concat([pl.DataFrame(schema={**STAYS, "physician_code": pl.String()}), *parts], how="diagonal")

    def frame(self, report: "Report") -> pl.DataFrame:
        """All stays: :data:`STAYS`, the columns of ``cells.Counter``, ``lines.LINES``, ``faults.faults`` and ``pages.PAGES``, and
        ``errors, warnings, disposition``.
        """
        known = self.catalogue.layouts
        lists = [name for name in report.cases["layout"].unique() if known[name].interface.document == "list"]
        cases = report.cases.filter(pl.col("layout").is_in(lists)).select(
            "case_id", "errors", "warnings", "disposition"
        )
        stays = self._stays()
        if not stays["case_id"].equals(cases["case_id"]):
            raise AssertionError("the cases of the report are not those that were read")
        people = names.keys(stays)
        stays = stays.with_columns(people["physician"]).select(*STAYS, pl.exclude(*STAYS, "physician_code"))
        found = faults(report, self._counted)
        stays = stays.hstack(cases.drop("case_id")).join(found, on="case_id", how="left", maintain_order="left")
        stays = stays.with_columns(pl.col(name).fill_null(0) for name in found.columns if name != "case_id")
        of_pages = pages.of_pages(report, self._places)
        stays = stays.join(of_pages, on="case_id", how="left", maintain_order="left").with_columns(
            pl.col("page_score").fill_null(score.FULL),
            pl.col("page_missing").fill_null(0),
            pl.col("^" + pages.INDICATOR + ".*$").fill_null(value=False),
        )
        ran = set(report.outcomes.filter(status="ran")["check"])
        unknown = [f"dip:{name}" for name, checks in dip_checks().items() if not ran & set(checks)]
        coded = {*self._counted.standards.values(), *lines.TABLES}
        unloaded = [name for name in coded if name not in self.catalogue.judge.tables]
        unknown += [f"{cells.CODED}{name}" for name in unloaded]
        return stays.with_columns(pl.lit(None, pl.Int64).alias(name) for name in unknown)

    def _of(self, part: Partition) -> pl.DataFrame:
        layout = self.catalogue.layouts[part.layout]
        have = layout.tables[part.case].fields.keys() & _OF_LISTS
        lists = self._typed(part, part.case, have)

        def column(name: str, kind: pl.DataType) -> pl.Expr:
            return pl.col(name) if name in have else pl.lit(None, kind)

        admitted, discharged = (pl.col(name).cast(pl.Date) for name in ("adm_time", "dscg_time"))
        stay = (discharged - admitted).dt.total_days()
        # A person is a certificate with a date of birth; where the interface has neither, the insurance's number of the person.
        identity = [pl.col("certno"), pl.col("brdy")] if "certno" in have else [pl.col("psn_no")]
        critical = pl.any_horizontal(pl.col(name).cast(pl.Int64).fill_null(0) > 0 for name in _CRITICAL if name in have)
        stays = lists.select(
            "case_id",
            *(column(field, pl.String()).alias(name) for name, field in _TEXTS.items()),
            month=discharged.dt.strftime("%Y-%m"),
            admitted=admitted,
            discharged=discharged,
            person=pl.when(pl.all_horizontal(each.is_not_null() for each in identity)).then(pl.struct(identity).hash()),
            days=pl.when(stay >= 0).then(stay.clip(1)),
            own=column("psn_ownpay", pl.Int64()),
            critical=critical,
            compared=self._compared(part),
            page_filled=pages.filled(part, self._counted),
        )
        stays = stays.hstack(self._grouped(part))
        is_drg = self.grouper is not None and not self.grouper.is_dip
        major = pl.col("group").str.ends_with(_MAJOR).fill_null(value=False) if is_drg else False
        stays = stays.with_columns(critical=pl.col("critical") | _rows_of(part, "icuinfo") | major)
        return (
            stays.with_columns(fund=self._fund(part))
            .hstack(self._charges(part))
            .hstack(self._counted.of(part))
            .hstack(lines.of(part, self.catalogue))
        )

    def _typed(self, part: Partition, table: str, fields: Collection[str]) -> pl.DataFrame:
        """Some fields of a table as values; amounts are whole numbers of fen."""
        rows = self.catalogue.layouts[part.layout].tables[table].fields
        return Typing(self.catalogue, [rows[name] for name in fields]).apply(part.tables[table]).frame

    def _charges(self, part: Partition) -> pl.DataFrame:
        """Charges of each list, by category, in fen; null where it has none."""
        names = ("total", "own_charged", *_CHARGES)
        items = part.tables.get("iteminfo")
        height = part.tables[part.case].height
        if items is None or "amt" not in items.columns:
            return pl.DataFrame({name: pl.repeat(None, height, dtype=pl.Int64, eager=True) for name in names})
        typed, amount = self._typed(part, "iteminfo", ("med_chrgitm", "amt", "fulamt_ownpay_amt")), pl.col("amt")
        by_case = typed.group_by("_case").agg(
            pl.when(amount.is_not_null().all()).then(amount.sum()).alias("total"),
            pl.col("fulamt_ownpay_amt").sum().alias("own_charged"),
            *(amount.filter(pl.col("med_chrgitm").is_in(codes)).sum().alias(name) for name, codes in _CHARGES.items()),
        )
        return _placed(by_case, height).select(names)

    def _fund(self, part: Partition) -> pl.Series:
        """What the funds paid for each list, in fen; null where it has no payments."""
        height, paid = part.tables[part.case].height, part.tables.get("payinfo")
        if paid is None or "fund_payamt" not in paid.columns:
            return pl.repeat(None, height, dtype=pl.Int64, eager=True)
        sums = self._typed(part, "payinfo", ("fund_payamt",)).group_by("_case").agg(fund=pl.col("fund_payamt").sum())
        return _placed(sums, height)["fund"]

    def _grouped(self, part: Partition) -> pl.DataFrame:
        """Principal codes, status and group of each list; why lists could not be grouped is counted."""
        batch, why = self.grouper.of_lists(part, self._outside) if self.grouper else (None, "")
        codes = (batch.cases if batch else from_tables(part.tables)).frame.select("principal", "procedure")
        if batch is None:
            if why:
                self.not_grouped[why] += codes.height
            return codes.with_columns(status=pl.lit(None, pl.String), group=pl.lit(None, pl.String))
        result = batch.result
        group = pl.coalesce(pl.col(name) for name in ("drg", "dip") if name in result.columns)
        return codes.hstack(result.select("status", group=pl.when(pl.col("status") == "grouped").then(group)))

    @staticmethod
    def _compared(part: Partition) -> pl.Series:
        """Which lists have their case record here."""
        met = pl.repeat(False, part.tables[part.case].height, dtype=pl.Boolean, eager=True)
        for companion in part.companions:
            met = met.scatter(companion.home.drop_nulls().unique(), True)
        return met


def _rows_of(part: Partition, table: str) -> pl.Series:
    """Which lists have rows in a table."""
    met = pl.repeat(False, part.tables[part.case].height, dtype=pl.Boolean, eager=True)
    rows = part.tables.get(table)
    return met if rows is None else met.scatter(rows["_case"].unique(), True)


def _placed(by_case: pl.DataFrame, height: int) -> pl.DataFrame:
    """Rows by ``_case`` put where their lists are; null where there are none."""
    cases = pl.DataFrame({"_case": pl.int_range(height, dtype=pl.UInt32, eager=True)})
    return cases.join(by_case, on="_case", how="left", maintain_order="left")
