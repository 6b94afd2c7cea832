"""Single corrections that would group a case, on the evidence of the case alone. Each is a question to the coder.

Every correction is tried: the cases as they would be are grouped as any others, and what does not group is not stated.
Nothing is ever added to a case, no complication is looked for, and none of it is applied.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl

from validator.codes.tables import Store
from validator.grouping import drg, language
from validator.grouping.cases import Cases
from validator.grouping.evidence import Evidence
from validator.grouping.scheme import DrgScheme

#: The columns of :func:`find`, one row a correction; those of one case stand together, surest kinds first.
CORRECTIONS: dict[str, pl.DataType] = {
    "case": pl.UInt32(),  #: the row of the case
    "case_id": pl.String(),
    "kind": pl.String(),  #: of :data:`validator.grouping.correction_words.KINDS`
    "field": pl.String(),  #: principal, procedure, sex, age, age_days, weight
    "before": pl.String(), "after": pl.String(),  #: what stands there, and what would
    "mdc": pl.String(), "adrg": pl.String(), "drg": pl.String(),  #: the group that this gives
    "cautions": pl.List(pl.String()),  #: of :data:`validator.grouping.correction_words.CAUTIONS`
    "applicability": pl.String(),  #: judge: a person must judge, always
}  # fmt: skip
_VARIANT = {
    "case": pl.UInt32, "kind": pl.String, "field": pl.String, "before": pl.String, "after": pl.String,
    "other": pl.UInt32,  #: the row, among the other codes, that changes places with the principal one
    "age": pl.Int32, "age_days": pl.Int32,  #: where they change
}  # fmt: skip
#: Surest first: facts of the person, then the same code written otherwise, then choices.
_ORDER = ("sex", "age", "weight", "edition", "refine", "diagnosis_first", "procedure_first")
_CHOICES = ("refine", "diagnosis_first", "procedure_first")
#: Reasons that lie elsewhere: another code first would only get round them.
_ELSEWHERE = ("input_sex", "input_age", "newborn_data")
_CONFLICTS = ("wrong_sex", "wrong_age")  #: the same, where a fact of the person is in doubt; else the code itself is
_SUBCATEGORY = 5  #: letters of K80.1
_PLAIN = r"\A[A-Z][0-9]{2}\.[0-9x](?:00)?\z"  #: a code that stops at its subcategory
_SYMPTOM = "R"  #: the chapter of symptoms and signs
_AT_ONCE = 200_000  #: hypothetical cases grouped together


@dataclass(frozen=True)
class Sources:
    """What may be asked besides the case: the loaded code tables of a day, and codes that are never (or rarely) principal."""

    store: Store | None = None
    day: date | None = None
    unfit: str = ""  #: a regular expression


def find(scheme: DrgScheme, cases: Cases, result: pl.DataFrame, sources: Sources | None = None) -> pl.DataFrame:
    """The corrections (:data:`CORRECTIONS`) for the cases of a DRG result that failed or are ambiguous."""
    sources = sources or Sources()
    lost = result["status"].is_in(["failed", "ambiguous"]).arg_true()
    frame = cases.frame.with_row_index("case").with_columns(reason=result["reason"])[lost]
    choices = frame.filter(~pl.col("reason").is_in(_ELSEWHERE))
    parts = [
        *_facts(frame, cases.evidence),
        *_editions(scheme, frame, sources),
        _refined(scheme, choices, sources),
        _diagnosis_first(cases, choices, sources),
        _procedure_first(cases, choices),
    ]
    variants = pl.concat([_variant(part) for part in parts]).unique(maintain_order=True, subset=_KEY)
    variants = variants.filter(pl.col("after").ne_missing(pl.col("before")))
    found = [_grouped(scheme, cases, each) for each in variants.iter_slices(_AT_ONCE)]
    return _reported(pl.concat([pl.DataFrame(schema=_FOUND), *found]), result["reason"])


_KEY = ["case", "kind", "field", "after"]
_FOUND = {name: kind for name, kind in CORRECTIONS.items() if name not in ("cautions", "applicability")}


def _variant(part: pl.DataFrame) -> pl.DataFrame:
    lacking = [pl.lit(None, kind).alias(name) for name, kind in _VARIANT.items() if name not in part.columns]
    return part.with_columns(lacking).select(pl.col(name).cast(kind) for name, kind in _VARIANT.items())


# ---- what could be corrected


def _facts(frame: pl.DataFrame, evidence: Evidence | None) -> Iterator[pl.DataFrame]:
    """Sex, age and weight as the case's other fields tell them."""
    if evidence is None:
        return
    given = frame.select("case", "sex", "age", "age_days", "weight").hstack(
        evidence.frame[frame["case"]].rename(lambda name: f"by_{name}")
    )
    yield given.filter(pl.col("by_sex").is_not_null()).select(
        "case", kind=pl.lit("sex"), field=pl.lit("sex"), before="sex", after="by_sex"
    )
    infant = pl.col("by_age") == 0
    yield given.filter(infant, pl.col("by_age_days").ne_missing(pl.col("age_days")) | (pl.col("age") != 0)).select(
        "case", kind=pl.lit("age"), field=pl.lit("age_days"), before=_age_given(), after="by_age_days",
        age=pl.lit(0), age_days="by_age_days",
    )  # fmt: skip
    yield given.filter(~infant, pl.col("by_age").ne_missing(pl.col("age"))).select(
        "case", kind=pl.lit("age"), field=pl.lit("age"), before="age", after="by_age", age="by_age"
    )
    yield given.filter(pl.col("weight").is_null(), pl.col("by_weight").is_not_null()).select(
        "case", kind=pl.lit("weight"), field=pl.lit("weight"), before="weight", after="by_weight"
    )


def _age_given() -> pl.Expr:
    """The age in days as it stands; where only years do, those."""
    years = pl.when(pl.col("age") > 0).then(pl.format("{}Y", "age"))
    return pl.coalesce(years, pl.col("age_days").cast(pl.String))


def _editions(scheme: DrgScheme, frame: pl.DataFrame, sources: Sources) -> Iterator[pl.DataFrame]:
    """The code of the insurance edition, where the scheme does not know the principal code and a map does.

    The editions use some codes with different meanings, so a code that the scheme or the code table knows stays.
    """
    for field, known, maps, table in (
        ("principal", _diagnoses(scheme), "diagnosis_map", "icd10"),
        ("procedure", _procedures(scheme), "procedure_map", "icd9cm3"),
    ):
        wanted = frame.select("case", before=field).drop_nulls()
        for there in (known, _table(sources, table)["code"]):
            wanted = wanted.filter(~pl.col("before").str.to_uppercase().is_in(there.str.to_uppercase().implode()))
        pairs = scheme.part(maps).select(before="code", after="parent")
        if sources.store:
            mapped = sources.store.mapped(wanted["before"]).filter(pl.col("table") == f"{table}_map")
            pairs = pl.concat([pairs, mapped.select(before="code", after="target")])
        changed = wanted.join(pairs.unique(), on="before", maintain_order="left")
        yield changed.with_columns(kind=pl.lit("edition"), field=pl.lit(field))


def _refined(scheme: DrgScheme, frame: pl.DataFrame, sources: Sources) -> pl.DataFrame:
    """The finer codes of the same subcategory, for a grey principal code or one that stops at the subcategory."""
    table = _table(sources, "icd10")
    grey = table.filter(pl.col("grey"))["code"]
    dictionary = table if table.height else scheme.part("diagnosis")
    accepted = _principals(scheme).str.to_uppercase()
    finer = dictionary.filter(
        pl.col("code").str.to_uppercase().is_in(accepted.implode()),
        ~pl.col("code").is_in(grey.implode()),
        ~pl.col("code").str.contains(_PLAIN),
    ).select(stem=pl.col("code").str.slice(0, _SUBCATEGORY), after="code")
    coarse = pl.col("principal").is_in(grey.implode()) | pl.col("principal").str.contains(_PLAIN)
    wanted = frame.filter(coarse).select(
        "case", before="principal", stem=pl.col("principal").str.slice(0, _SUBCATEGORY)
    )
    refined = wanted.join(finer.unique(), on="stem", maintain_order="left").sort("case", "after")
    return refined.with_columns(kind=pl.lit("refine"), field=pl.lit("principal"))


def _diagnosis_first(cases: Cases, frame: pl.DataFrame, sources: Sources) -> pl.DataFrame:
    """Each other diagnosis as principal, unless the rules of choice speak against it."""
    others = cases.diagnoses.with_row_index("other")
    symptom = pl.col("code").str.starts_with(_SYMPTOM)
    listed = pl.concat([others.select("case", "code"), frame.select("case", code="principal").drop_nulls()])
    definite = listed.filter(~symptom, ~pl.col("code").str.contains("^[V-Z]"))["case"].unique()
    others = others.filter(~(symptom & pl.col("case").is_in(definite.implode())))
    if sources.unfit:
        others = others.filter(~pl.col("code").str.contains(sources.unfit))
    if cases.evidence:
        others = others.join(cases.evidence.late, on=["case", "code"], how="anti", maintain_order="left")
    return _first(others, frame, "diagnosis_first", "principal")


def _procedure_first(cases: Cases, frame: pl.DataFrame) -> pl.DataFrame:
    return _first(cases.procedures.with_row_index("other"), frame, "procedure_first", "procedure")


def _first(others: pl.DataFrame, frame: pl.DataFrame, kind: str, field: str) -> pl.DataFrame:
    swapped = frame.select("case", before=field).join(others, on="case", maintain_order="left")
    return swapped.rename({"code": "after"}).with_columns(kind=pl.lit(kind), field=pl.lit(field))


def _principals(scheme: DrgScheme) -> pl.Series:
    """The codes that some category takes as principal."""
    names = sorted({name for slot in scheme.mdcs for name in language.sets(slot.node)})
    return scheme.part("member").filter(pl.col("parent").is_in(names))["code"].unique()


def _diagnoses(scheme: DrgScheme) -> pl.Series:
    kinds = [scheme.part(kind)["code"] for kind in ("diagnosis", "refused", "cc")]
    return pl.concat([*kinds, _principals(scheme)]).unique()


def _procedures(scheme: DrgScheme) -> pl.Series:
    return pl.concat([scheme.part("procedure")["code"], scheme.part("member")["code"]]).unique()


def _table(sources: Sources, name: str) -> pl.DataFrame:
    """Code and whether it is grey, of the table that holds on the day; empty where none is loaded."""
    version = sources.store and sources.store.at(name, sources.day)
    if not version or not sources.store:
        return pl.DataFrame(schema={"code": pl.String, "grey": pl.Boolean})
    grey = sources.store.grey(version, sources.day)
    codes = sources.store.book(version).codes
    return pl.DataFrame({"code": codes, "grey": False if grey is None else grey.fill_null(False)})


# ---- what it would give


def _grouped(scheme: DrgScheme, cases: Cases, variants: pl.DataFrame) -> pl.DataFrame:
    """The variants that group, with their groups."""
    given = drg.group(scheme, _hypothetical(cases, variants))
    found = variants.hstack(given.select("case_id", "mdc", "adrg", "drg", "status"))
    return found.filter(pl.col("status") == "grouped").select(_FOUND.keys())


def _hypothetical(cases: Cases, variants: pl.DataFrame) -> Cases:
    """The cases as they would be, one for each variant."""
    after = {
        name: pl.when(pl.col("_field") == name).then(pl.col("_after").cast(kind, strict=False)).otherwise(name)
        for name, kind in (("principal", pl.String), ("procedure", pl.String), ("sex", pl.String), ("weight", pl.Int32))
    }
    aged = pl.col("_kind") == "age"
    ages = {name: pl.when(aged).then(f"_{name}").otherwise(name) for name in ("age", "age_days")}
    frame = cases.frame[variants["case"]].hstack(variants.rename(lambda name: f"_{name}"))
    frame = frame.with_columns(**after, **ages).select(cases.frame.columns)
    return Cases(
        frame, _swapped(cases.diagnoses, variants, "principal"), _swapped(cases.procedures, variants, "procedure")
    )


def _swapped(others: pl.DataFrame, variants: pl.DataFrame, field: str) -> pl.DataFrame:
    """The other codes of each variant; where one became the principal, that takes its place."""
    place = variants.select("case", "other", "before", "field").with_row_index("new")
    rows = place.join(others.with_row_index("row"), on="case", maintain_order="left_right")
    given = (pl.col("field") == field) & (pl.col("other") == pl.col("row"))
    rows = rows.with_columns(code=pl.when(given.fill_null(False)).then("before").otherwise("code"))
    return rows.select(pl.col("new").alias("case"), "code").drop_nulls("code")


def _reported(found: pl.DataFrame, reasons: pl.Series) -> pl.DataFrame:
    """Return the corrections in order, with their cautions; without choices where another field says the right sex or age."""
    choice = pl.col("kind").is_in(_CHOICES)
    conflict = pl.col("_conflict")
    found = found.with_columns(_conflict=choice & reasons.gather(found["case"]).is_in(_CONFLICTS))
    found = found.filter(~conflict | choice.all().over("case"))
    several = choice & (pl.col("drg").filter(choice).n_unique().over("case") > 1)
    surgical = choice & (pl.col("adrg").str.slice(1, 1) < "R")
    severe = choice & pl.col("drg").str.slice(3, 1).is_in(["1", "3"])
    cautions = [
        pl.when(given).then(pl.lit(name))
        for name, given in (("conflict", conflict), ("several", several), ("surgical", surgical), ("severe", severe))
    ]
    rank = pl.col("kind").replace_strict({name: n for n, name in enumerate(_ORDER)}, return_dtype=pl.UInt8)
    return (
        found.with_columns(
            cautions=pl.concat_list(cautions).list.drop_nulls(), applicability=pl.lit("judge"), _rank=rank
        )
        .sort("case", "_rank", maintain_order=True)
        .select(CORRECTIONS.keys())
    )
