"""What every scheme of DRG groups is made of, and the one frame that holds it (kept as table ``drg_scheme``)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from validator.grouping import language
from validator.grouping.scheme import COLUMNS
from validator.read.place import Place, quoted, some

#: The set of operations that make a case surgical.
SURGICAL = "OP_ALL"
_ABOVE = {"adrg": ("mdc", "MDC"), "drg": ("adrg", "ADRG")}


@dataclass(frozen=True)
class Group:
    """One MDC, ADRG or DRG; those of one ``parent`` in the order in which they are tried."""

    kind: str
    code: str
    name: str
    rule: str
    parent: str
    at: Place  #: the row that says so


def listed(kind: str, codes: pl.DataFrame) -> pl.DataFrame:
    """Codes of one kind in the columns of a scheme; ``codes`` has ``code`` and any of ``name, rule, parent``.

    A code counts once in each parent; blank ones count nothing.
    """
    codes = codes.select(
        pl.lit(kind).alias("kind"),
        standard(pl.col("code")).alias("code"),
        *(
            (pl.col(name) if name in codes.columns else pl.lit("")).fill_null("").alias(name)
            for name in ("name", "rule", "parent")
        ),
    )
    return codes.filter(pl.col("code") != "").unique(["code", "parent"], keep="first", maintain_order=True)


def standard(codes: pl.Expr) -> pl.Expr:
    """Codes as the national tables write them: half width, no blanks, capitals but for the x of extensions."""
    plain = codes.fill_null("").str.normalize("NFKC").str.replace_all(r"_x000[AD]_|[\s\u{200b}\u{feff}]", "")
    return plain.str.to_uppercase().str.replace_all("([0-9.])X", "${1}x")


def whole(groups: Sequence[Group], lists: Iterable[pl.DataFrame], options: Mapping[str, str]) -> pl.DataFrame:
    """The frame of a scheme; :class:`~validator.base.errors.InputError` names the row of what does not fit together."""
    rows = [(each.kind, each.code, each.name, each.rule, each.parent) for each in groups]
    option_rows = [("option", name, "", value, "") for name, value in options.items()]
    columns = [name for name in COLUMNS if name != "place"]
    frame = pl.concat([pl.DataFrame(option_rows + rows, schema=columns, orient="row"), *lists])
    _check(groups, set(frame.filter(kind="member")["parent"]))
    return frame.with_columns(place=pl.int_range(pl.len(), dtype=pl.UInt32).over("kind", "parent"))


def _check(groups: Sequence[Group], sets: set[str]) -> None:
    known: dict[str, dict[str, Group]] = {"mdc": {}, "adrg": {}, "drg": {}}
    for group in groups:
        if first := known[group.kind].get(group.code):
            raise group.at.fault(
                f"{group.code} 重复，第 {first.at.line} 行已有", f"{group.code} comes again, see line {first.at.line}"
            )
        known[group.kind][group.code] = group
        for zh, en in _faults_of_rule(group, sets):
            raise group.at.fault(f"{group.code} 的规则{zh}", f"the rule of {group.code} {en}")
    for kind, (above, title) in _ABOVE.items():
        parents = {each.parent for each in known[kind].values()}
        for group in known[kind].values():
            if group.parent not in known[above]:
                zh, en = (
                    f"{group.code} 所属的 {title} {quoted(group.parent or '（空）')} 没有",
                    f"{group.code} belongs to {title}",
                )
                raise group.at.fault(zh, f"{en} '{quoted(group.parent)}', which is not there")
        for group in known[above].values():
            if group.code not in parents:
                raise group.at.fault(f"{group.code} 下面没有 {kind.upper()}", f"{group.code} has no {kind.upper()}")


def _faults_of_rule(group: Group, sets: set[str]) -> Iterator[tuple[str, str]]:
    try:
        named = language.sets(language.parse(group.rule))
    except language.RuleError as error:
        yield (
            f"看不懂，第 {error.place} 字：{error.zh}；规则是“{quoted(group.rule, 200)}”",
            f"at {error.place}: {error.en}; the rule is '{quoted(group.rule, 200)}'",
        )
        return
    if unknown := sorted(named - sets):
        yield f"用到没有编码的集合：{some(unknown)}", f"names sets without codes: {some(unknown)}"
