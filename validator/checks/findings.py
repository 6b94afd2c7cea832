"""Findings: kept small while checking, worded only when somebody reads them."""

from collections.abc import Collection, Mapping, Sequence
from hashlib import blake2b

import polars as pl

from validator.base.language import Lang
from validator.checks.slots import SEPARATOR, Template, Worded, slots
from validator.read.partition import Note, Source
from validator.spec.catalogue import Check

SOURCE = pl.Struct({"file": pl.String, "sheet": pl.String, "row": pl.UInt32, "column": pl.String, "path": pl.String})
#: The public columns of ``Report.findings`` and the keys of a line of its JSON Lines.
SCHEMA: dict[str, pl.DataType] = {
    "check": pl.String(),
    "level": pl.String(),  #: error, warning, info
    "case_id": pl.String(),
    "table": pl.String(),
    "row": pl.UInt32(),  #: 1-based place within the case; null for what concerns the whole input
    "field": pl.String(),  #: null where the finding points at no single field
    "value": pl.String(),  #: as it was written (masked unless asked otherwise); null = blank
    "message": pl.String(),
    "fix": pl.String(),
    "suggested": pl.String(),  #: the value to write instead (masked as ``value`` is); null = none is known
    "applicability": pl.String(),  #: safe: the form changes and never the meaning; judge: a person must judge; null without
    #: how much was charged too much, of findings about that; null else, or where it cannot be known (docs/outcomes.md)
    "excess_quantity": pl.Decimal(18, 4),
    "excess_fen": pl.Int64(),
    "source": SOURCE,
    "other_document": pl.String(),  #: of two documents that disagree the other one: record; null where only one is at fault
    "other_value": pl.String(),  #: what that one says, masked as ``value`` is; null = blank
    "other_source": SOURCE,
    "fingerprint": pl.String(),  #: the same for the same fault of the same case, whatever the order of the rows
}
#: How far a fix can be trusted: ``safe`` changes the form and never the meaning, ``judge`` is for a person to judge.
APPLICABILITY = pl.Enum(["safe", "judge"])
#: By how much a finding says that too much was charged, and which department and physician ordered it.
EXCESS: dict[str, pl.DataType] = {
    "excess_quantity": pl.Decimal(18, 4), "excess_fen": pl.Int64(), "department": pl.String(), "physician": pl.String(),
}  # fmt: skip
#: One finding as a partition knows it: ``_case`` and ``_source`` count within the partition.
EVIDENCE = pl.Schema(
    {
        "check": pl.String(), "_case": pl.UInt32(), "row": pl.UInt32(), "value": pl.String(), "args": pl.String(),
        "_source": pl.UInt32(), "_line": pl.UInt32(), "table": pl.String(), "field": pl.String(),
        "suggested": pl.String(), "applicability": APPLICABILITY, **EXCESS,
    }
)  # fmt: skip
#: The compact form: what cannot be worked out later. ``_case`` is the case's row in its partition.
COMPACT = pl.Schema(
    {
        "check": pl.String(), "_case": pl.UInt32(), "case_id": pl.String(), "row": pl.UInt32(), "value": pl.String(),
        "args": pl.String(), "source": pl.UInt32(), "line": pl.UInt32(), "table": pl.String(), "field": pl.String(),
        "suggested": pl.String(), "applicability": APPLICABILITY, **EXCESS,
        "hidden": pl.String(),  #: ``value`` as it is shown where persons are hidden: fingerprints are of it
        "other": pl.String(),  #: the other of two documents that disagree, and where it says so: JSON of ``document`` and ``source``
    }
)  # fmt: skip
_OTHER = pl.Struct({"document": pl.String, "source": SOURCE})


def compact(evidence: pl.DataFrame, case_ids: pl.Series) -> pl.DataFrame:
    """Findings (``evidence.EVIDENCE``) of a partition in the compact form."""
    found = evidence.rename({"_source": "source", "_line": "line"})
    nothing = pl.lit(None, pl.String)
    return found.with_columns(case_id=case_ids[found["_case"]], hidden=nothing, other=nothing).select(*COMPACT)


def of_notes(
    notes: Sequence[Note], checks: Mapping[str, Check], case_ids: pl.Series, sources: list[Source]
) -> pl.DataFrame:
    """The readers' notes in the compact form; sources that are new are added to ``sources``."""
    rows, places = [], {id(source): number for number, source in enumerate(sources)}
    for note in notes:
        args = {"field": note.field or "", "table": note.table, **note.args}
        texts = [args.get(name, "") for name in slots(checks[note.check])]
        if note.source and id(note.source) not in places:
            places[id(note.source)] = len(sources)
            sources.append(note.source)
        rows.append(
            {
                "check": note.check, "_case": note.case, "row": note.row, "value": note.value, "line": note.line,
                "case_id": None if note.case is None else case_ids[note.case], "args": SEPARATOR.join(texts),
                "source": places[id(note.source)] if note.source else None, "table": note.table, "field": note.field,
            }
        )  # fmt: skip
    return pl.DataFrame(rows, schema=COMPACT)


def render(
    found: pl.DataFrame,
    checks: Mapping[str, Check],
    sources: Sequence[Source],
    lang: Lang,
    personal: Collection[str],
    cases: Collection[str],
) -> pl.DataFrame:
    """Word a compact frame: columns of :data:`SCHEMA`, in the same order.

    ``personal``: fields with personal data; ``cases``: tables with one row per case.
    """
    if not found.height:
        return pl.DataFrame(schema=SCHEMA)
    frame = _others(_place(_worded(found, checks, lang), sources, cases))
    frame = frame.with_columns(pl.col("applicability").cast(pl.String), fingerprint=_fingerprints(frame, personal))
    return frame.select(SCHEMA.keys())


def _others(frame: pl.DataFrame) -> pl.DataFrame:
    """The columns of the other document in place of its text."""
    if frame["other"].null_count() == frame.height:
        return frame.with_columns(pl.lit(None, SCHEMA[name]).alias(name) for name in ("other_document", "other_source"))
    other = frame["other"].str.json_decode(_OTHER).struct
    return frame.with_columns(
        other.field("document").alias("other_document"), other.field("source").alias("other_source")
    )


def _worded(found: pl.DataFrame, checks: Mapping[str, Check], lang: Lang) -> pl.DataFrame:
    """The findings with level, message and fix, and the value of the other document."""
    known = {name: checks[name] for name in found["check"].unique()}
    templates = {name: Template(check, lang) for name, check in known.items()}
    rows = found.select("check", "value", pl.col("args").fill_null("")).iter_rows()
    texts = [templates[name].fill(value, args) for name, value, args in rows]
    level = pl.col("check").replace_strict({name: check.level for name, check in known.items()}, return_dtype=pl.String)
    worded = pl.DataFrame(texts, dict.fromkeys(Worded._fields, pl.String), orient="row")
    return found.hstack(worded).with_columns(level=level)


def _place(frame: pl.DataFrame, sources: Sequence[Source], cases: Collection[str]) -> pl.DataFrame:
    """Put the ``source`` struct in place of the source's number; the case's own node is no list."""
    table = pl.DataFrame(
        {
            "source": range(len(sources)),
            "_file": [each.file for each in sources],
            "_sheet": [each.sheet for each in sources],
            "_path": [each.path for each in sources],
        },
        schema={"source": pl.UInt32, "_file": pl.String, "_sheet": pl.String, "_path": pl.String},
    )
    headings = pl.DataFrame(
        [(number, field, heading) for number, each in enumerate(sources) for field, heading in each.columns.items()],
        schema={"source": pl.UInt32, "field": pl.String, "_heading": pl.String},
        orient="row",
    )
    frame = frame.join(table, on="source", how="left", maintain_order="left")
    frame = frame.join(headings, on=["source", "field"], how="left", maintain_order="left")
    key = pl.coalesce("_heading", "field")
    index = pl.when(~pl.col("table").is_in(list(cases))).then(
        pl.concat_str(pl.lit("["), pl.col("row") - 1, pl.lit("]"))
    )
    path = pl.concat_str("_path", index.fill_null(""), pl.concat_str(pl.lit("."), key).fill_null(""))
    column = pl.when(pl.col("_path").is_null()).then("_heading")
    place = pl.struct(file="_file", sheet="_sheet", row="line", column=column, path=path)
    return frame.with_columns(source=place.cast(SOURCE))


def _fingerprints(frame: pl.DataFrame, personal: Collection[str]) -> pl.Series:
    """A short hash of what the fault is; personal values stay out, wherever they stand, so that masking does not change it."""
    shown = pl.coalesce("hidden", "value")
    value = pl.when(~pl.concat_str("table", pl.lit("."), "field").is_in(list(personal)).fill_null(False)).then(shown)
    same = pl.concat_str(
        [pl.col(name).fill_null("") for name in ("check", "case_id", "table", "field")] + [value.fill_null("")],
        separator=SEPARATOR,
    )
    counted = frame.select(same=same).with_columns(nth=pl.int_range(pl.len()).over("same"))
    texts = counted.select(pl.concat_str("same", pl.lit(SEPARATOR), "nth")).to_series()
    return pl.Series([blake2b(text.encode(), digest_size=8).hexdigest() for text in texts], dtype=pl.String)
