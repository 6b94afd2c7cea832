"""The DIP grouper: layer by layer, each distinct principal diagnosis with its operations matched once."""

from typing import TYPE_CHECKING

import polars as pl

from validator.grouping.dip_scheme import LAYERS, MIXED, TREATMENTS, DipScheme, Layer, prefixes
from validator.grouping.language import Among, Node, atoms, compiled, numbers, parse

if TYPE_CHECKING:
    from validator.grouping.cases import Cases

#: The columns of the result, one row per case in the order given.
RESULT = {
    "case_id": pl.String,
    "dip": pl.String, "name": pl.String,  #: null without a group
    "kind": pl.String,  #: the layer that took it, or ``mixed``
    "status": pl.String,  #: see ``reasons.STATUSES``
    "reason": pl.String,  #: see ``reasons.REASONS``; null when grouped
}  # fmt: skip
CODED = r"\A[A-Z][0-9]{2}\.[0-9X]"  #: principal diagnoses that can be cut to one decimal
_UNORDERED = ("pre", "tumour")  #: layers in which any operation counts like the principal one
_MOST = 1000  #: more operations than a case has
_NEWBORN = ("XSRTL", "XSRTZ")
_FOUND = {"case": pl.UInt32, "kind": pl.String, "row": pl.UInt32}
#: Chapters of ICD-9-CM-3 whose procedures are diagnostic, then those that treat; 01–86 are operations.
_DIAGNOSTIC, _THERAPEUTIC = r"\A(?:8[7-9]|9[01]|92\.[01])", r"\A(?:00|9|17\.9)"


def group(scheme: DipScheme, cases: "Cases") -> pl.DataFrame:
    """Group cases (:data:`RESULT`).

    Excluded principal diagnoses, excluded operations, then every layer in turn, then the mixed groups. In a layer the group
    of the closest diagnosis wins, then that with most of the case's operations, the nearest average cost, the higher score,
    the earlier place; of 先期分组 the first.
    """
    every = EncodedCases(scheme, cases)
    found, newborn = [pl.DataFrame(schema=_FOUND)], list[pl.DataFrame]()
    for layer in scheme.layers:
        if layer.rows.height and every.open.height:
            placed, unknown = every.placed(layer)
            found.append(placed)
            newborn.append(unknown)
            every.close(pl.concat([placed["case"], unknown["case"]]))
    found.append(every.mixed())
    return _result(
        scheme, every, pl.concat(found), pl.concat([pl.DataFrame({"case": []}, {"case": pl.UInt32}), *newborn])
    )


class EncodedCases:
    """All cases, and which of them are still ``open``: those without a group that may have one."""

    def __init__(self, scheme: DipScheme, cases: "Cases") -> None:
        self.scheme = scheme
        self.frame = cases.frame.select(
            "case_id", "cost",
            case=pl.int_range(pl.len(), dtype=pl.UInt32),
            principal=pl.col("principal").str.to_uppercase(),
            XB=pl.col("sex").cast(pl.Int32, strict=False), NL="age", XSRTZ="weight",
            XSRTL=pl.coalesce("age_days", pl.when(pl.col("age") > 0).then(pl.col("age") * 365)),
        )  # fmt: skip
        self.diagnoses = cases.diagnoses.select("case", code=pl.col("code").str.to_uppercase()).unique()
        done = self.frame.select("case", "principal").join(
            listed(cases, ordered=scheme.ordered), on="case", how="left", maintain_order="left"
        )
        code = pl.col("principal").fill_null("")
        self.listed = done.with_columns(
            reason=pl.when(code == "").then(pl.lit("principal_missing"))
            .when(code.is_in(self._excluded().implode())).then(pl.lit("principal_excluded"))
            .when(~code.str.contains(CODED)).then(pl.lit("principal_unknown"))
        )  # fmt: skip
        able = self.listed.filter(pl.col("reason").is_null())
        distinct = able.select("principal", "operations").unique(maintain_order=True).with_row_index("combo")
        self.open = able.join(distinct, on=["principal", "operations"], nulls_equal=True).select("case", "combo")
        self.keys = prefixes(distinct.lazy().select("combo", "principal"), "principal", scheme.diagnosis_lengths)
        self.keys = self.keys.drop("principal").collect().lazy()
        self.operations, self.conservative = _effective(scheme, distinct, self.keys)

    def _excluded(self) -> pl.Series:
        """The principal diagnoses that the scheme leaves out."""
        every = self.frame.lazy().select("principal").unique().drop_nulls()
        out = self.scheme.excluded_principals.alias("key").to_frame().lazy()
        known = prefixes(every, "principal", self.scheme.diagnosis_lengths)
        return known.join(out, on="key", how="semi").collect()["principal"].unique()

    def close(self, cases: pl.Series) -> None:
        """Take cases out."""
        self.open = self.open.filter(~pl.col("case").is_in(cases.implode()))

    def placed(self, layer: Layer) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return the cases that a layer takes, and those that cannot be judged because age or weight of a newborn is missing."""
        fits = self.fitting(layer)
        if not layer.asks and layer.kind != "pre":
            rank = pl.col("near") * _MOST + pl.col("many")
            fits = fits.filter(rank == rank.max().over("combo"))
        rows = layer.rows.lazy().select("row", "place", "rule", mean="cost", points="score")
        found = self.open.lazy().join(fits, on="combo").join(rows, on="row").collect()
        unknown = found.clear()
        if layer.asks:
            found, unknown = self._holding(layer, found)
        unknown = unknown.join(found, on="case", how="anti").select("case").unique()
        return self._first(layer, found), unknown

    def fitting(self, layer: Layer) -> pl.LazyFrame:
        """The groups that fit each combination: ``combo, row, near`` (how much of the diagnosis they name), ``many`` (how
        many of the operations).
        """
        combos = self.open.lazy().select("combo").unique()
        keys = self.keys.join(combos, on="combo", how="semi")
        needs = layer.principals.lazy().join(layer.needs.lazy(), on="row")
        hits = keys.join(self.operations, on="combo").join(needs, left_on=["key", "code"], right_on=["key", "code"])
        ways = hits.group_by("combo", "row", "way").agg(
            pl.col("code").n_unique(), pl.col("size", "first").max(), near=pl.col("key").str.len_chars().max()
        )
        ways = ways.filter(pl.col("code") == pl.col("size"))
        if self.scheme.ordered and layer.kind not in _UNORDERED:
            ways = ways.filter("first")
        named = ways.group_by("combo", "row").agg(pl.col("near").max(), many=pl.col("size").max())
        without = layer.principals.lazy().join(layer.needs.lazy(), on="row", how="anti")
        if layer.kind != "pre":
            keys = keys.join(self.conservative, on="combo", how="semi")
        bare = keys.join(without, on="key").group_by("combo", "row")
        bare_rows = bare.agg(near=pl.col("key").str.len_chars().max(), many=pl.lit(0, pl.UInt32))
        return self._with_related(layer, pl.concat([named, bare_rows]))

    def _with_related(self, layer: Layer, fitting: pl.LazyFrame) -> pl.LazyFrame:
        """``fitting`` without the groups whose related operations are not there; those that are count too."""
        if not layer.related.height:
            return fitting
        related = layer.related.lazy()
        secondary = self.operations.filter(~pl.col("first")) if self.scheme.ordered else self.operations
        hits = fitting.join(related, on="row").join(secondary.select("combo", "code"), on=["combo", "code"])
        ways = hits.group_by("combo", "row", "way").agg(pl.col("code").n_unique(), pl.col("size", "near", "many").max())
        ways = ways.filter(pl.col("code") == pl.col("size"))
        more = ways.group_by("combo", "row").agg(pl.col("near").max(), many=(pl.col("many") + pl.col("size")).max())
        return pl.concat([fitting.join(related, on="row", how="anti"), more])

    def _holding(self, layer: Layer, found: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return the pairs of case and group whose other diagnoses and rule hold, and the pairs that cannot be judged."""
        cases = found.select("case").unique()
        if layer.others.height:
            frame = self._diagnoses(cases).join(layer.others.lazy(), on="key").select("case", "row").unique()
            free = found.join(layer.others, on="row", how="anti")
            found = pl.concat([free, found.lazy().join(frame, on=["case", "row"], how="semi").collect()])
        rules = {text: parse(text) for text in layer.rows["rule"].unique().to_list() if text}
        if not rules:
            return found, found.clear()
        sets = {each: f"_{n}" for n, each in enumerate({a for node in rules.values() for a in atoms(node)})}
        judged = found.join(self.frame.drop("principal", "cost"), on="case")
        for each, name in sets.items():
            judged = judged.with_columns(pl.col("case").is_in(self._among(each, cases).implode()).alias(name))
        holds, weighs = pl.lit(True), pl.lit(False)
        for text, node in rules.items():
            mine = pl.col("rule") == text
            holds = pl.when(mine).then(compiled(node, sets.__getitem__)).otherwise(holds)
            weighs = pl.when(mine).then(pl.lit(_weighs(node))).otherwise(weighs)
        judged = judged.with_columns(_holds=holds, _weighs=weighs)
        kept, unsure = judged.filter("_holds"), judged.filter(pl.col("_holds").is_null() & pl.col("_weighs"))
        return kept.select(found.columns), unsure.select(found.columns)

    def _diagnoses(self, cases: pl.DataFrame) -> pl.LazyFrame:
        """The other diagnoses of some cases, by every key: ``case, key``."""
        mine = self.diagnoses.lazy().join(cases.lazy(), on="case", how="semi")
        return prefixes(mine, "code", self.scheme.diagnosis_lengths)

    def _among(self, among: Among, cases: pl.DataFrame) -> pl.Series:
        """The cases whose diagnoses are in one of the sets."""
        wanted = self.scheme.members.lazy().filter(pl.col("parent").is_in(among.sets)).select("key")
        parts = [pl.LazyFrame(schema={"case": pl.UInt32, "key": pl.String})]
        if "ZYZD" in among.fields:
            mine = self.frame.lazy().join(cases.lazy(), on="case", how="semi").select("case", "principal")
            parts.append(prefixes(mine, "principal", self.scheme.diagnosis_lengths).select("case", "key"))
        if "QTZD" in among.fields:
            parts.append(self._diagnoses(cases).select("case", "key"))
        return pl.concat(parts).join(wanted, on="key", how="semi").collect()["case"].unique()

    def _first(self, layer: Layer, found: pl.DataFrame) -> pl.DataFrame:
        """Return the best group of each case."""
        found = found.join(self.frame.select("case", "cost"), on="case")
        away = (pl.col("cost") - pl.col("mean")).abs().fill_null(float("inf"))
        order = [pl.col("case"), -pl.col("near").cast(pl.Int32), -pl.col("many").cast(pl.Int32), away]
        order += [-pl.col("points").fill_null(0), pl.col("place")]
        found = found.sort(order if layer.kind != "pre" else ["case", "place"])
        return found.unique("case", keep="first").select("case", pl.lit(layer.kind).alias("kind"), "row")

    def mixed(self) -> pl.DataFrame:
        """The cases that are left, by how they were treated."""
        layer = self.scheme.mixed
        rows = layer.rows.lazy().select("row", "place", treatment="rule")
        groups = layer.principals.lazy().join(rows, on="row")
        keys = self.keys.join(self._treated(), on="combo")
        found = keys.join(groups, on=["key", "treatment"]).sort(
            pl.col("key").str.len_chars(), "place", descending=[True, False]
        )
        best = found.unique("combo", keep="first").select("combo", "row")
        return self.open.lazy().join(best, on="combo").select("case", pl.lit(MIXED).alias("kind"), "row").collect()

    def _treated(self) -> pl.LazyFrame:
        """``combo, treatment``: the weightiest of its operations."""
        code = pl.col("whole")
        chapter = (
            pl.when(code.str.contains(_DIAGNOSTIC)).then(pl.lit("diagnostic"))
            .when(code.str.contains(_THERAPEUTIC)).then(pl.lit("therapeutic")).otherwise(pl.lit("surgical"))
        )  # fmt: skip
        frame = self.operations.join(self.scheme.treatments.lazy(), left_on="whole", right_on="code", how="left")
        kinds = pl.Enum(list(TREATMENTS))
        treated = frame.group_by("combo").agg(pl.coalesce("treatment", chapter).cast(kinds).to_physical().max())
        names = pl.Series(list(TREATMENTS))
        weighed = treated.join(self.conservative, on="combo", how="anti").with_columns(
            treatment=pl.col("treatment").replace_strict(range(len(names)), names, return_dtype=pl.String)
        )
        return pl.concat([weighed, self.conservative.with_columns(treatment=pl.lit("conservative"))])


def _weighs(node: Node) -> bool:
    return bool(numbers(node) & set(_NEWBORN))


def listed(cases: "Cases", *, ordered: bool) -> pl.DataFrame:
    """The operations of each case that has some as one text, the principal one first: ``case, operations``. Where order does
    not matter, in that of the codes.
    """
    code, case = pl.col("code").str.to_uppercase(), pl.int_range(pl.len(), dtype=pl.UInt32)
    first = cases.frame.select(case=case, code="procedure").drop_nulls("code").with_columns(code)
    every = pl.concat([first, cases.procedures.select("case", code)]).filter(pl.col("code") != "")
    every = every.unique(maintain_order=True).sort("case", *(() if ordered else ("code",)), maintain_order=True)
    return every.group_by("case", maintain_order=True).agg(operations=pl.col("code").str.join("|"))


def _effective(scheme: DipScheme, combos: pl.DataFrame, keys: pl.LazyFrame) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """The operations that count, by every key: ``combo, whole, code, first`` (the principal one); and the combinations that
    are treated conservatively: ``combo``.
    """
    listed = combos.lazy().select("combo", whole=pl.col("operations").str.split("|")).explode("whole").drop_nulls()
    listed = listed.with_columns(at=pl.int_range(pl.len()).over("combo"))
    frame = listed.join(
        scheme.excluded_procedures.lazy(), left_on="whole", right_on="code", how="left", maintain_order="left"
    )
    allowed = keys.join(scheme.allowed.lazy(), on="key").select("combo", whole="code", allowed=pl.lit(True)).unique()
    frame = frame.join(allowed, on=["combo", "whole"], how="left", maintain_order="left")
    never = (pl.col("rule") == "never").fill_null(False)
    counts = never | pl.col("rule").is_null() | pl.col("allowed").fill_null(False)
    frame = frame.with_columns(never=never, counts=counts)
    if not scheme.ordered:
        frame = frame.filter("counts")
    deciding = frame.filter(~pl.col("never")).filter(pl.col("at") == pl.col("at").min().over("combo"))
    principal = deciding.filter("counts").select("combo", "whole", first=pl.lit(True))
    kept = frame.filter("counts").join(principal, on=["combo", "whole"], how="left").select("combo", "whole", "first")
    cut = prefixes(kept.with_columns(pl.col("first").fill_null(False)), "whole", scheme.operation_lengths)
    effective = cut.rename({"key": "code"}).collect().lazy()
    conservative = combos.lazy().select("combo").join(principal, on="combo", how="anti").collect().lazy()
    return effective, conservative


def _result(scheme: DipScheme, every: EncodedCases, found: pl.DataFrame, newborn: pl.DataFrame) -> pl.DataFrame:
    """The result of every case."""
    groups = [
        layer.rows.select(pl.lit(layer.kind).alias("kind"), "row", "code", "name")
        for layer in (*scheme.layers, scheme.mixed)
    ]
    named = found.join(pl.concat(groups), on=["kind", "row"], how="left")
    frame = every.frame.select("case_id", "case").hstack(every.listed.select("reason"))
    frame = frame.join(named, on="case", how="left", maintain_order="left")
    missing = (
        pl.when(pl.col("case").is_in(newborn["case"].implode()))
        .then(pl.lit("newborn_data"))
        .otherwise(pl.lit("dip_no_group"))
    )
    reason = pl.coalesce("reason", pl.when(pl.col("code").is_null()).then(missing))
    status = (
        pl.when(reason.is_null()).then(pl.lit("grouped"))
        .when(reason == "principal_excluded").then(pl.lit("excluded")).otherwise(pl.lit("failed"))
    )  # fmt: skip
    return frame.select("case_id", pl.col("code").alias("dip"), "name", "kind", status=status, reason=reason)


def kind(code: str) -> tuple[str, str]:
    """What people call a kind of group, in Chinese and English."""
    return {**LAYERS, MIXED: ("综合病种", "mixed group")}[code]
