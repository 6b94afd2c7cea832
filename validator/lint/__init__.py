"""The rule base judged as a whole: pages that say the same, contradict each other or can never speak (``rules --lint``)."""

from collections.abc import Iterable
from pathlib import Path

from validator.base import files, yaml_csv
from validator.lint import conditions, observed, values
from validator.lint.fault import KINDS, BaseFault
from validator.spec.catalogue import Catalogue

__all__ = ["KINDS", "BaseFault", "lint", "reviewed"]

_COLUMNS = {"kind", "one", "other", "reason"}


def lint(catalogue: Catalogue, within: Path | None = None, cases: int = observed.CASES) -> list[BaseFault]:
    """What is wrong with the rule base and not reviewed, by kind and id; ``schemas/reviewed.csv`` has the exceptions.

    ``within``: only what concerns the pages of this folder. ``cases``: how many are generated; 0 looks at the texts alone.
    """
    found = set(conditions.remarks(catalogue)) | set(values.remarks(catalogue))
    if cases:
        found |= set(observed.remarks(catalogue, cases))
    accepted = reviewed()
    names = {rule.id for rule in catalogue.rules.values() if within is None or within in rule.path.parents}
    kept = {each for each in found if each.key not in accepted and (within is None or names & {each.one, each.other})}
    if within is None and cases:
        kept |= set(_outdated(accepted, found))
    return sorted(_strongest(kept), key=lambda each: (list(KINDS).index(each.kind), each.one, each.other))


def reviewed() -> dict[tuple[str, str, str], int]:
    """Kind and ids of each reviewed exception -> its line; :class:`~validator.base.errors.ConfigError` names a wrong row."""
    path, found = files.data("schemas") / "reviewed.csv", dict[tuple[str, str, str], int]()
    for line, cells in yaml_csv.read_csv(path, _COLUMNS):
        if cells["kind"] not in KINDS:
            raise yaml_csv.unknown(path, line, "kind", cells["kind"], KINDS)
        if not cells["one"] or not cells["reason"]:
            raise yaml_csv.fault(path, line, "要写编号和理由", "an id and the reason are needed")
        found[cells["kind"], cells["one"], cells["other"]] = line
    return found


def _outdated(accepted: dict[tuple[str, str, str], int], found: set[BaseFault]) -> Iterable[BaseFault]:
    """The exceptions that nothing needs any more."""
    keys = {each.key for each in found}
    for (kind, one, other), line in accepted.items():
        if (kind, one, other) not in keys:
            zh = f"reviewed.csv 第 {line} 行的例外（{kind}）已没有对应的问题，请删去"
            yield BaseFault(
                "outdated", one, other, zh, f"nothing needs the exception of line {line} ({kind}): delete it"
            )


def _strongest(kept: set[BaseFault]) -> Iterable[BaseFault]:
    """Without what generated cases only repeat of the texts."""
    known = {frozenset((each.one, each.other)) for each in kept if each.kind in ("duplicate", "shadowed")}
    return (each for each in kept if each.kind != "together" or frozenset((each.one, each.other)) not in known)
