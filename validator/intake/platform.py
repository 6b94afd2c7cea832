"""What the platform found (the answers of 4104 or 3607, or a table of them), against what we found: the one outside measure of our rules.

Three verdicts stay apart: whether the query was carried out at all (:class:`Transport`), the platform's verdict on each list, and
ours. The platform's values are kept raw; what they mean stands in the profile (``intake.platform``).
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from validator.base.masking import misplaced, persons
from validator.read import named_columns
from validator.read.place import Place
from validator.spec.intake import PlatformWords
from validator.spec.layouts import Layout

#: Fields of a table of results, and what else they are called.
COLUMNS = {
    "setl_id": ("结算ID", "结算编号"),
    "hospital": ("fixmedins_code", "定点医药机构编号", "医疗机构编码", "机构编码"),
    "month": ("setl_ym", "结算年月"),
    "result": ("qltctrl_rslt", "质控结果"),
    "case_level": ("病例错误等级", "总错误等级"),
    "case_returned": ("病例回退标志", "总回退标志"),
    "version": ("qltctrl_ver", "质控版本", "质控版本号"),
    "group_state": ("grp_stas", "分组状态"),
    "field": ("exam_data_fld", "检查数据字段", "校验数据字段", "字段"),
    "text": ("qltctrl_chkrslt", "质控校验结果", "校验结果"),
    "level": ("err_lv", "错误等级"),
    "returned": ("retn_flag", "回退标志"),
    "value": ("init_val", "初始值", "原值"),
}  # fmt: skip
_DETAILS = ("detailinfo", "detl_list")
_OF_CASE = ("setl_id", "hospital", "month", "result", "case_level", "case_returned", "version", "group_state")
_OF_FINDING = ("setl_id", "field", "text", "level", "returned", "value")
#: How an answer names its case's own level and flag, which findings have too.
_ABOVE = {"err_lv": "case_level", "retn_flag": "case_returned"}
#: The platform's lists, raw, with what the profile says of them; null: the profile does not say.
LISTS = pl.Schema(
    {**dict.fromkeys(_OF_CASE, pl.String), "passed": pl.Boolean, "sent_back": pl.Boolean, "grouped": pl.Boolean}
)
#: The platform's findings, raw, with our field (null: unmapped), our level and the text without its values.
FINDINGS = pl.Schema(
    {**dict.fromkeys(_OF_FINDING, pl.String), "ours": pl.String, "our_level": pl.String, "sentence": pl.String}
)
#: :func:`agreement`: ``check`` null where what they found belongs to none of our checks; counts are of cases.
AGREEMENT = pl.Schema(
    {
        "check": pl.String, "field": pl.String, "both": pl.UInt32, "ours_alone": pl.UInt32, "theirs_alone": pl.UInt32,
        "confirmed": pl.Float64,  #: both / (both + ours alone)
        "sentence": pl.String,  #: theirs, the most frequent
    }
)  # fmt: skip
_NAMED = re.compile(r"\A\s*([A-Za-z][A-Za-z0-9_]*)\s*[：:]\s*(.+)\Z")
_VALUES = r"[0-9]+(?:[-:./][0-9]+)*|[A-Z][0-9]{2}[0-9A-Zx.+]*"
#: Whether a field of theirs (``their_field``, with its table where that is known) is that of a finding of ours.
_SAME_TABLE = ~pl.col("their_field").str.contains(".", literal=True) | (
    pl.col("their_field") == pl.concat_str("table", pl.lit("."), "field")
)


class Transport(NamedTuple):
    """Whether a query was carried out; -1 says nothing about any list."""

    code: str  #: ``infcode``
    message: str  #: ``inf_refmsgid``
    error: str  #: ``err_msg``, persons hidden

    @property
    def failed(self) -> bool:
        return self.code != "0"


@dataclass(frozen=True)
class Answer:
    """What the platform answered."""

    transport: Sequence[Transport]  #: of messages; none of tables
    lists: pl.DataFrame  #: :data:`LISTS`
    findings: pl.DataFrame  #: :data:`FINDINGS`


def read(path: Path) -> tuple[list[Transport], pl.DataFrame]:
    """The results in a message, a file of messages (``.jsonl``) or a table, raw: a row per finding, the columns of :data:`COLUMNS`.

    Raises :class:`~validator.base.errors.InputError` for what holds none; a message that only failed holds no list and is
    no error.
    """
    transport = list[Transport]()
    if path.suffix.lower() in (".json", ".jsonl"):
        nodes = named_columns.messages(path)
        transport = [_transport(node) for node in nodes if isinstance(node, dict) and "infcode" in node]
        rows = [row for node in nodes for row in _answers(node)]
        if not rows and not any(each.failed for each in transport):
            raise Place(str(path)).fault("没有质控结果（setl_id、qltctrl_rslt）", "no results (setl_id, qltctrl_rslt)")
        frame = pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String))
        frame = frame.with_columns(misplaced(frame["hospital"]))
    else:
        lacking = (
            "不是质控结果：要有 结算ID 和 质控结果 或 检查数据字段",
            "no results: it needs setl_id and qltctrl_rslt or exam_data_fld",
        )
        table = named_columns.rows(
            path, COLUMNS, lambda names: "setl_id" in names and bool(names & {"result", "field"}), lacking
        )
        frame = table.with_columns(pl.lit(None, pl.String).alias(name) for name in COLUMNS if name not in table.columns)
    return transport, frame.filter(pl.col("setl_id").is_not_null())


def answer(
    transport: Sequence[Transport], raw: pl.DataFrame, words: PlatformWords, layouts: Collection[Layout]
) -> Answer:
    """Raw results with what the profile says of them. ``layouts``: of the lists, whose fields the platform names."""
    return Answer(transport, _lists(raw, words), _findings(raw, words, layouts))


def _transport(node: Mapping[str, Any]) -> Transport:
    texts = ["" if node.get(key) is None else str(node[key]) for key in ("infcode", "inf_refmsgid", "err_msg")]
    return Transport(texts[0].strip(), texts[1], pl.select(persons(pl.lit(texts[2]))).item())


def _answers(node: Any) -> Iterator[dict[str, str | None]]:
    """The lists of an answer, a row for each finding; a list without findings is a row too."""
    if isinstance(node, list):
        for each in node:
            yield from _answers(each)
    elif isinstance(node, dict):
        if "setl_id" not in node or str(node.get("infno", "")):
            for each in node.values():
                yield from _answers(each)
            return
        head = {name: _text(node, (name, *ways)) for name, ways in COLUMNS.items() if name in _OF_CASE}
        head |= {name: _text(node, (key,)) for key, name in _ABOVE.items()}
        held = [found for key in _DETAILS if isinstance(found := node.get(key), list)]
        details = [each for found in held for each in found if isinstance(each, dict)]
        for each in details or [{}]:
            yield head | {name: _text(each, (name, *COLUMNS[name])) for name in _OF_FINDING[1:]}


def _text(node: Mapping[str, Any], keys: Sequence[str]) -> str | None:
    found = next((node[key] for key in keys if node.get(key) not in (None, "")), None)
    return None if found is None or isinstance(found, dict | list) else str(found).strip()


def _lists(frame: pl.DataFrame, words: PlatformWords) -> pl.DataFrame:
    """One row per list: the last answer counts."""

    def among(column: str, known: Sequence[str]) -> pl.Expr:
        """Whether the value is one of those; null where it is none or the profile names none."""
        return pl.when(pl.col(column).is_not_null() & bool(known)).then(pl.col(column).is_in(list(known)))

    passed = pl.col("result").replace_strict(dict(words.results), default=None, return_dtype=pl.Boolean)
    once = frame.select(_OF_CASE).unique("setl_id", keep="last", maintain_order=True)
    shown = once.with_columns(
        passed=passed, sent_back=among("case_returned", words.returned), grouped=among("group_state", words.grouped)
    )
    return shown.select(pl.col(name).cast(kind) for name, kind in LISTS.items())


def _findings(frame: pl.DataFrame, words: PlatformWords, layouts: Collection[Layout]) -> pl.DataFrame:
    reported = frame.filter(pl.any_horizontal(pl.col("field", "text").is_not_null())).select(_OF_FINDING)
    fields = _fields(words, layouts)
    rows = [(*row, *each) for row in reported.iter_rows() for each in _named(row[1], row[2], fields)]
    kinds = {**dict.fromkeys(_OF_FINDING, pl.String), "ours": pl.String, "part": pl.String}
    found = pl.DataFrame(rows, schema=kinds, orient="row")
    level = pl.col("level").replace_strict(dict(words.levels), default=None, return_dtype=pl.String)
    sentence = persons(pl.col("part")).str.replace_all(_VALUES, "…")
    found = found.with_columns(
        our_level=level, sentence=sentence, text=persons(pl.col("text")), value=persons(pl.col("value"))
    )
    return found.select(*FINDINGS).unique(maintain_order=True)


def _fields(words: PlatformWords, layouts: Collection[Layout]) -> dict[str, str]:
    """How a field may be named, in small letters -> ``table.field``, or the field alone where several tables have it."""
    found = dict[str, str]()
    for layout in layouts:
        for table, each in layout.tables.items():
            for name, row in each.fields.items():
                for way in (name, row.name_zh):
                    key = way.lower()
                    found[key] = name if found.get(key, f"{table}.{name}") != f"{table}.{name}" else f"{table}.{name}"
                found[f"{table}.{name}".lower()] = f"{table}.{name}"
    return found | {key.lower(): field for key, field in words.fields.items()}


def _named(field: str | None, text: str | None, fields: Mapping[str, str]) -> Iterator[tuple[str | None, str]]:
    """Our field and its sentence for each field that a finding names: in its field, or before a colon in its text."""
    whole = (field or "").lower()
    own = fields.get(whole) or fields.get(whole.rpartition(".")[2])
    if own:
        yield own, text or ""
        return
    parts = [match for part in re.split("[；;]", text or "") if (match := _NAMED.match(part))]
    known: list[tuple[str | None, str]] = [
        (fields[match[1].lower()], match[2]) for match in parts if match[1].lower() in fields
    ]
    yield from known or [(None, text or "")]


def agreement(ours: pl.DataFrame, theirs: Answer) -> pl.DataFrame:
    """For each of our checks in how many cases both found it, we alone, and they alone (:data:`AGREEMENT`).

    ``ours``: our findings, with ``case_id``, ``check``, ``table``, ``field``. Only lists that the platform answered count.
    Findings agree when they are of the same case and field. What they alone found belongs to the check that most often goes
    with the same sentence on the same field, else to the only check of that field; else ``check`` is null, and where their
    field is unmapped, ``field`` is null too.
    """
    answered = theirs.lists.select(case_id="setl_id")
    mine = ours.select("case_id", "check", "table", "field").unique().join(answered, on="case_id", how="semi")
    other = theirs.findings.select("sentence", case_id="setl_id", their_field="ours").unique()
    other = other.with_columns(
        pl.col("their_field").str.split(".").list.last().alias("field"), place=pl.int_range(pl.len())
    )
    pairs = mine.join(other.drop_nulls("field"), on=["case_id", "field"])
    pairs = pairs.filter(_SAME_TABLE)
    keys = ["case_id", "check", "field"]
    checked = mine.join(pairs.select(keys).unique().with_columns(both=True), on=keys, how="left", nulls_equal=True)
    counted = checked.group_by("check").agg(
        field=pl.col("field").mode().sort().first(),
        both=pl.col("both").fill_null(False).sum(),
        ours_alone=pl.col("both").is_null().sum(),
    )
    alone = _attributed(other.join(pairs, on="place", how="anti"), pairs, mine)
    theirs_alone = alone.group_by("check", "field").agg(
        theirs_alone=pl.col("case_id").n_unique(), sentence=pl.col("sentence").mode().sort().first()
    )
    named = (
        theirs_alone.drop_nulls("check").group_by("check").agg(pl.col("theirs_alone").sum(), pl.col("sentence").first())
    )
    rows = counted.join(named, on="check", how="full", coalesce=True)
    rows = pl.concat([rows, theirs_alone.filter(pl.col("check").is_null())], how="diagonal_relaxed")
    rows = rows.with_columns(pl.col("both", "ours_alone", "theirs_alone").fill_null(0))
    total = pl.col("both") + pl.col("ours_alone")
    rows = rows.with_columns(confirmed=pl.when(total > 0).then(pl.col("both") / total))
    return rows.select(pl.col(name).cast(kind) for name, kind in AGREEMENT.items()).sort(
        "check", "field", nulls_last=True
    )


def _attributed(alone: pl.DataFrame, pairs: pl.DataFrame, mine: pl.DataFrame) -> pl.DataFrame:
    """Their findings that we lack, each with the check that it belongs to."""
    usual = pairs.group_by("field", "sentence", "check").len().sort("len", "check", descending=[True, False])
    usual = usual.unique(["field", "sentence"], keep="first").select("field", "sentence", usual="check")
    known = mine.drop_nulls("field").select("check", "table", "field").unique()
    only = alone.join(known, on="field").filter(_SAME_TABLE).group_by("place").agg(only=pl.col("check").unique())
    only = only.filter(pl.col("only").list.len() == 1).with_columns(pl.col("only").list.first())
    found = alone.join(usual, on=["field", "sentence"], how="left").join(only, on="place", how="left")
    return found.with_columns(check=pl.coalesce("usual", "only"))


def verdicts(cases: pl.DataFrame, theirs: Answer) -> dict[str, int]:
    """How our verdicts (``case_id``, ``disposition``) and theirs on whole lists compare.

    ``both_return``, ``both_accept``, ``ours_alone`` (we return, they do not), ``theirs_alone``; ``raw``: the profile does not say
    what their values mean; ``unanswered``: ours that the platform did not answer; ``unknown``: theirs that we do not have.
    """
    back = pl.coalesce("sent_back", ~pl.col("passed"))
    joined = cases.select("case_id", "disposition").join(
        theirs.lists.select(case_id="setl_id", back=back, answered=True), on="case_id", how="full", coalesce=True
    )
    mine, answered = pl.col("disposition") == "return", pl.col("answered").fill_null(False)
    known = joined.filter(pl.col("disposition").is_not_null() & answered)
    counted = known.select(
        both_return=(mine & pl.col("back")).sum(), both_accept=(~mine & ~pl.col("back")).sum(),
        ours_alone=(mine & ~pl.col("back")).sum(), theirs_alone=(~mine & pl.col("back")).sum(), raw=pl.col("back").is_null().sum(),
    ).row(0, named=True)  # fmt: skip
    lacking = {
        "unanswered": joined.filter(~answered).height,
        "unknown": joined.filter(pl.col("disposition").is_null()).height,
    }
    return counted | lacking
