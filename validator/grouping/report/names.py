"""Whose cases they are: distinguished as they are written, shown with names hidden."""

from collections import Counter
from collections.abc import Sequence

import polars as pl

from validator.base import masking
from validator.base.language import say
from validator.codes import value_sets
from validator.grouping.evidence import CONTEXT

#: Column of the figures -> what people call it.
TITLES = {
    "department": ("出院科室", "Department"), "physician": ("主诊医师", "Physician"), "coder": ("填报人（编码员）", "Coder"),
    "month": ("出院月份", "Month of discharge"),
}  # fmt: skip
_PARTS = "\x1f"  #: between name and code of a physician


def nobody(count: int) -> pl.DataFrame:
    """Return the context of cases about which nothing is known."""
    return pl.DataFrame({name: pl.repeat(None, count, dtype=kind, eager=True) for name, kind in CONTEXT.items()})


def keys(context: pl.DataFrame) -> pl.DataFrame:
    """Return the keys of departments, physicians (code, else name), coders and months."""
    name, code = pl.col("physician"), pl.col("physician_code")
    first = name.drop_nulls().first().over("physician_code")  # a code has one name, however often it is left out
    coded = pl.concat_str(first.fill_null(""), code, separator=_PARTS)
    return context.select("department", pl.when(code.is_not_null()).then(coded).otherwise(name), "coder", "month")


#: Whose a case is, in lists of results.
PEOPLE = ("record_number", "department", "physician", "coder")


def as_written(context: pl.DataFrame) -> pl.DataFrame:
    """Whose each case is (:data:`PEOPLE`), physicians with their codes, before :func:`shown` words and hides them."""
    found = keys(context)
    return found.select(record_number=context["record"], department="department", physician="physician", coder="coder")


def worded(rows: pl.LazyFrame, *, masked: bool) -> pl.LazyFrame:
    """``rows`` with the people of :func:`as_written` as reports show them."""
    changed = []
    for kind in PEOPLE[1:]:
        once = rows.select(pl.col(kind).drop_nulls().unique(maintain_order=True)).collect().to_series().to_list()
        changed.append(pl.col(kind).replace(once, shown(kind, once, masked=masked)))
    if masked:
        changed.append(pl.col("record_number").map_batches(masking.misplaced, return_dtype=pl.String))
    return rows.with_columns(changed)


def of_cases(context: pl.DataFrame, *, masked: bool) -> pl.DataFrame:
    """Whose each case is, for lists of cases (:data:`PEOPLE`); null where nothing is known."""
    return worded(as_written(context).lazy(), masked=masked).collect()


def shown(kind: str, names: Sequence[str | None], *, masked: bool = True) -> list[str]:
    """The names as reports show them, in their order; those that hiding makes alike are numbered."""
    if kind == "department":
        known = value_sets.load()["dept"].names
        hide = masking.misplaced_text if masked else str
        found = [f"{say(*known[name])} {name}" if name in known else hide(name or "") or "" for name in names]
    elif kind == "month":
        found = [name or "" for name in names]
    else:
        parts = [(name or "").partition(_PARTS) for name in names]
        plain, codes = (pl.Series([part[at] for part in parts], dtype=pl.String) for at in (0, 2))
        if masked:
            plain, codes = masking.masked_texts(plain, "name"), masking.misplaced(codes)
        found = [f"{name} {code}".strip() for name, code in zip(plain, codes, strict=True)]
    times, seen = Counter(found), Counter[str]()
    result = []
    for name in found:
        seen[name] += 1
        alike = say(f"{name}（{seen[name]}）", f"{name} ({seen[name]})") if times[name] > 1 else name
        result.append(alike if name else say("（未填）", "(blank)"))
    return result
