"""The groups that the bureau or the vendor returned, compared with our prediction."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from validator.base.errors import InputError
from validator.base.language import say
from validator.grouping.encoded import encode
from validator.grouping.scheme import DrgScheme
from validator.read import named_columns

if TYPE_CHECKING:
    from validator.grouping.cases import Cases

#: Columns of :func:`compare`'s disagreements.
DISAGREEMENTS = {
    "case_id": pl.String,
    "kind": pl.String,  #: see :data:`KINDS`
    "ours": pl.String, "our_status": pl.String, "our_reason": pl.String,
    "theirs": pl.String,  #: the group, blank when there is none
    "their_status": pl.String, "their_text": pl.String,  #: as returned
}  # fmt: skip
#: In what way two results differ.
KINDS: dict[str, tuple[str, str]] = {
    "only_ours": ("预测入组，反馈未入组", "we group it, they do not"),
    "only_theirs": ("预测未入组，反馈入组", "they group it, we do not"),
    "mdc": ("主要诊断大类不同", "another category (MDC)"),
    "adrg": ("ADRG 不同", "another ADRG"),
    "drg": ("ADRG 相同，DRG 不同", "the same ADRG, another DRG"),
    "group": ("病种不同", "another disease group"),
    "failure": ("都未入组，歧义与否不同", "neither groups it, one calls it ambiguous"),
}
#: Columns of a table of results, and what else they are called.
COLUMNS = {
    "case_id": ("病案号", "病例号", "结算ID", "结算编号", "setl_id", "mdtrt_id", "medcasno"),
    "drg": ("DRG编码", "DRG组", "DRG分组", "分组编码", "分组结果", "病组编码", "DIP", "DIP编码", "病种编码", "dip", "group", "结果"),
}  # fmt: skip
_DRG = r"\A([A-Z][A-Z0-9][0-9]{2}[0-9A-Z]?)(?:[^0-9A-Z]|\z)"
#: K80.1:51.2300, K80.1:保守治疗, AI1; a catalogue may also number its groups.
_DIP = r"\A([A-Z]+[0-9]\S*|[0-9]+)(?:\s|\z)"
_REST = r"\A(?:0+|[A-Z]0+|-+|/)?\z"  #: codes that only say that there is no group
_LONGEST = 200  #: characters of a returned text


@dataclass(frozen=True)
class Summary:
    """How prediction and feedback compare."""

    cases: int  #: predicted
    matched: int  #: of them, those that the feedback names
    unknown: int  #: cases of the feedback that are not among ours
    repeated: int  #: rows of the feedback that repeat a case; the last one counts
    predicted: int  #: matched cases that we group
    actual: int  #: matched cases that they group
    same: int  #: the very same result
    kinds: dict[str, int]  #: of disagreements (:data:`KINDS`)
    failures: dict[str, int]  #: texts with which they refused, the most frequent first

    @property
    def rate(self) -> float | None:
        """The real grouping rate, of the cases that were returned."""
        return self.actual / self.matched if self.matched else None

    @property
    def predicted_rate(self) -> float | None:
        """Our prediction for the same cases."""
        return self.predicted / self.matched if self.matched else None


def compare(predicted: pl.DataFrame, actual: pl.DataFrame) -> tuple[Summary, pl.DataFrame]:
    """Our groups (``drg.RESULT``, ``dip.RESULT``) and the returned ones, row by row (``case_id, drg``: a group or why there is none).

    Gives the figures and the disagreements (:data:`DISAGREEMENTS`), in our order.
    """
    column = "drg" if "drg" in predicted.columns else "dip"
    theirs = returned(actual, _DRG if column == "drg" else _DIP)
    once = theirs.unique("case_id", keep="last", maintain_order=True)
    ours = predicted.select(pl.col("case_id").str.strip_chars(), ours=column, our_status="status", our_reason="reason")
    both = ours.join(once, on="case_id", how="inner", maintain_order="left")
    both = both.with_columns(kind=_kind(column == "drg"))
    differing = both.filter(pl.col("kind").is_not_null())
    refused = both.filter(pl.col("their_status") != "grouped")["their_text"].value_counts(sort=True)
    kinds = dict(differing["kind"].value_counts(sort=True).iter_rows())
    summary = Summary(
        cases=predicted.height,
        matched=both.height,
        unknown=once.join(ours, on="case_id", how="anti").height,
        repeated=theirs.height - once.height,
        predicted=int((both["our_status"] == "grouped").sum()),
        actual=int((both["their_status"] == "grouped").sum()),
        same=both.height - differing.height,
        kinds=kinds,
        failures={text or "": count for text, count in refused.iter_rows()},
    )
    return summary, differing.select(pl.col(name).cast(kind) for name, kind in DISAGREEMENTS.items())


def returned(actual: pl.DataFrame, form: str = _DRG) -> pl.DataFrame:
    """A table of results read: ``case_id, theirs, their_status`` (grouped, ambiguous, failed) and ``their_text``.

    ``form``: how a text that begins with a group does so.
    """
    found = named_columns.columns(actual.columns, COLUMNS)
    if missing := [name for name in COLUMNS if name not in found]:
        words = "、".join("/".join((name, *COLUMNS[name][:3])) for name in missing)
        raise InputError(f"反馈文件缺列：{words}", f"the feedback lacks columns: {words}")
    text = pl.col("their_text")
    code = pl.col("code")
    ambiguous = text.str.contains("歧义") | code.str.contains(r"\A[A-Z]?QY") | text.str.contains(r"(?i)ambiguous")
    rows = actual.select(
        case_id=pl.col(found["case_id"]).cast(pl.String).str.strip_chars(),
        their_text=pl.col(found["drg"]).cast(pl.String).str.strip_chars().str.slice(0, _LONGEST).fill_null(""),
    ).filter(pl.col("case_id") != "")
    rows = rows.with_columns(code=text.str.to_uppercase())
    rows = rows.with_columns(theirs=pl.when(~code.str.contains(_REST) & ~ambiguous).then(code.str.extract(form)))
    status = pl.when(ambiguous).then(pl.lit("ambiguous")).when(pl.col("theirs").is_not_null()).then(pl.lit("grouped"))
    return rows.select("case_id", "theirs", their_status=status.otherwise(pl.lit("failed")), their_text=text)


def against(scheme: DrgScheme, cases: "Cases", row: int, theirs: str) -> list[str]:
    """What our scheme says of the group that they gave the case in ``row``: which of its conditions hold; none if unknown."""
    slots = {slot.code: slot for slot in scheme.slots()}
    chain = [slots.get(theirs)]
    while chain[0] and chain[0].parent:
        chain.insert(0, slots.get(chain[0].parent))
    one = encode(scheme, cases.take(pl.Series([row], dtype=pl.UInt32)))
    lines = []
    for slot in chain:
        if slot is None:
            return []
        holds = one.holds([slot]).item()
        verdict = say("成立", "holds") if holds else say("不成立", "does not hold")
        lines.append(f"{slot.code} {slot.name}  {slot.rule or say('（总是成立）', '(always holds)')}  → {verdict}")
    return lines


def _kind(is_drg: bool) -> pl.Expr:
    """How the results differ; null where they do not."""
    ours, theirs = pl.col("ours").str.to_uppercase(), pl.col("theirs")
    mine, other = pl.col("our_status") == "grouped", pl.col("their_status") == "grouped"
    level = pl.lit("group")
    if is_drg:
        begins = [ours.str.slice(0, length) == theirs.str.slice(0, length) for length in (1, 3)]
        level = pl.when(begins[1]).then(pl.lit("drg")).when(begins[0]).then(pl.lit("adrg")).otherwise(pl.lit("mdc"))
    differ = pl.when(ours != theirs).then(level)
    ambiguous = (pl.col("our_status") == "ambiguous") != (pl.col("their_status") == "ambiguous")
    return (
        pl.when(mine & other).then(differ)
        .when(mine).then(pl.lit("only_ours"))
        .when(other).then(pl.lit("only_theirs"))
        .when(ambiguous).then(pl.lit("failure"))
    )  # fmt: skip
