"""The stays behind the numbers: those that a person looks at, a file for each hospital and the first ones on the page."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from validator.base import files
from validator.base.formulas import plain
from validator.base.language import say
from validator.scoring.measures import PEOPLE, Measure, measures
from validator.scoring.run import Measurement

FOLDER = "cases"
_FIRST = 20  #: of a measure, on the page
_HEADS = {
    "case_id": ("病例", "Case"), "record_number": ("病案号", "Record"), "hospital": ("医疗机构", "Hospital"),
    "department": ("出院科室", "Department"), "physician": ("主诊医师", "Physician"), "coder": ("填报人", "Coder"),
    "month": ("出院月份", "Month"),
}  # fmt: skip


def heads() -> list[str]:
    """The headings of lists of cases."""
    return [say("指标", "Measure"), *(say(*_HEADS[name]) for name in PEOPLE)]


def looked_at(found: Measurement) -> pl.DataFrame:
    """``measure`` and whose they are (``measures.PEOPLE``) of the stays that count against a measure, or that it is about.

    Measure by measure; of means and of counts all stays are in ``cases.parquet`` alone.
    """
    ways = found.ways.with_columns(pl.col(kind).replace(shown) for kind, shown in found.people.items())
    parts = [
        ways.filter(pl.col(each.id) == each.formula.look).select(pl.lit(each.id).alias("measure"), *PEOPLE)
        for each in _shares()
    ]
    return pl.concat(parts)


def _shares() -> list[Measure]:
    return [each for each in measures() if each.formula.over == "stays" and each.unit == "share"]


def first(listed: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """For each measure with such stays (``listed``: :func:`looked_at`): how many, and the first of them."""
    for measure in _shares():
        rows = listed.filter(measure=measure.id)
        if rows.height:
            shown = rows.head(_FIRST).drop("measure").fill_null("").rows()
            meant = (
                say("计入分子的", "in the numerator")
                if measure.formula.look == "yes"
                else say("没有做到的", "that fail")
            )
            yield {"id": measure.id, "title": measure.title, "meant": meant, "count": rows.height, "rows": shown}


def names(found: Measurement) -> dict[str | None, str]:
    """Hospital -> its file below the report's folder; empty where hospitals are not kept apart."""
    if "hospital" not in found.levels:
        return {}
    hospitals = found.measured.filter(by="hospital")["hospital"].unique(maintain_order=True)
    safe = (re.sub(r"[^0-9A-Za-z_-]", "", code or "")[:40] for code in hospitals)
    return {code: f"{FOLDER}/{n:04}-{text}.csv" for n, (code, text) in enumerate(zip(hospitals, safe, strict=True), 1)}


def write(listed: pl.DataFrame, to: Path, paths: Mapping[str | None, str]) -> None:
    """A CSV for each hospital that Excel opens, with the stays of :func:`looked_at`."""
    titles = {each.id: each.title for each in measures()}
    shown = listed.with_columns(pl.col("measure").replace(titles), *(_plain(listed[name]) for name in PEOPLE))
    shown = shown.with_columns(_of=listed["hospital"])
    shown.columns = [*heads(), "_of"]
    by_hospital = {key[0]: rows for key, rows in shown.partition_by("_of", as_dict=True, include_key=False).items()}
    for hospital, path in paths.items():
        (to / path).parent.mkdir(exist_ok=True)
        with files.replacing(to / path) as scratch:
            by_hospital.get(hospital, shown.drop("_of").clear()).write_csv(scratch, include_bom=True)


def _plain(texts: pl.Series) -> pl.Series:
    """The texts with none that a spreadsheet program would calculate."""
    once = texts.drop_nulls().unique()
    unusual = once.filter(~once.str.contains(r"\A[0-9A-Za-z\p{Han}]"))
    return texts.replace({text: plain(text) for text in unusual})
