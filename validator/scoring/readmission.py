"""Stays that were followed by another one of the same person within some days."""

from dataclasses import dataclass
from datetime import date

import polars as pl

#: Principal diagnoses (ICD-10) of stays for tumour radio- or chemotherapy and other tumour treatment: no readmissions.
TUMOUR_TREATMENT = r"\AZ51\.[018]"
BED_DAY = "5"  #: of hi_paymtd: paid by bed day


@dataclass(frozen=True)
class Readmission:
    """How readmissions are counted.

    ``days``: calendar days from discharge to admission, both ends within. ``same_hospital``: only a stay in the same hospital
    counts. ``transfers``: else, admission to another hospital on the day of discharge counts too.
    """

    days: int = 15
    same_hospital: bool = True
    transfers: bool = False


def next_stays(stays: pl.DataFrame, how: Readmission, reach: date | None) -> pl.DataFrame:
    """Row by row of ``stays``: ``readmitted`` (null: not known) and ``next``, the row of the stay that followed.

    ``stays``: ``person, hospital, admitted, discharged, principal, payment`` (null = not known). Each discharge counts at most
    once, at the stay that ended; a stay for tumour treatment or paid by bed day does not count as a second one. ``reach``: the
    last day of which the data can tell; a stay that ends so near to it that a readmission may be yet to come is not judged.
    """
    treatment = pl.col("principal").str.contains(TUMOUR_TREATMENT) | (pl.col("payment") == BED_DAY)
    rows = stays.select("person", "hospital", "admitted", "discharged", again=~treatment.fill_null(value=False))
    rows = rows.with_row_index("row")
    wanted = ["person", "admitted", "discharged", *(["hospital"] if how.same_hospital else [])]
    known = rows.drop_nulls(wanted)
    here, anywhere = ["person", "hospital"], ["person"]
    if how.same_hospital or how.transfers:
        found = _following(known, here if how.same_hospital else anywhere, how.days, same_day=True)
    else:  # on the day of discharge only the same hospital counts
        both = [_following(known, here, how.days, same_day=True), _following(known, anywhere, how.days, same_day=False)]
        found = pl.concat(both).sort("row", "again_on").unique("row", keep="first", maintain_order=True)
    placed = rows.join(found, on="row", how="left", maintain_order="left")
    judged = pl.all_horizontal(pl.col(name).is_not_null() for name in wanted)
    if reach is not None:
        judged &= pl.col("discharged") + pl.duration(days=how.days) <= reach
    return placed.select(
        readmitted=pl.when(pl.col("next").is_not_null()).then(True).when(judged).then(False), next=pl.col("next")
    )


def _following(known: pl.DataFrame, who: list[str], days: int, *, same_day: bool) -> pl.DataFrame:
    """The first stay of the same person at the day of discharge (if ``same_day``) or later: ``row, next, again_on``."""
    later = known.filter("again").select(*who, "admitted", again_on="admitted", next="row").sort("admitted", "next")
    longer = known.filter(pl.col("admitted") < pl.col("discharged"))
    short = known.filter(pl.col("admitted") >= pl.col("discharged"))
    # A stay within one day would find itself: of its own day, stays in later rows follow it.
    same = short.join(later, on=[*who, "admitted"]).filter(pl.col("next") > pl.col("row"))
    same = same.sort("next").unique("row", keep="first") if same_day else same.clear()
    rest = short.join(same, on="row", how="anti")
    parts = [_after(longer, later, who, days, exact=same_day), same, _after(rest, later, who, days, exact=False)]
    return pl.concat(part.select("row", "next", "again_on") for part in parts)


def _after(stays: pl.DataFrame, later: pl.DataFrame, who: list[str], days: int, *, exact: bool) -> pl.DataFrame:
    return stays.sort("discharged").join_asof(
        later.drop("admitted"), left_on="discharged", right_on="again_on", by=who, strategy="forward",
        tolerance=f"{days}d", allow_exact_matches=exact, check_sortedness=False,
    ).drop_nulls("next")  # fmt: skip
