"""What a scheme says of the whole table: sources, missing figures, peers, ties, bonus, cap, grades."""

from dataclasses import dataclass
from fractions import Fraction

from validator.base import yaml_csv
from validator.base.yaml_csv import Node
from validator.scoring.scheme.nodes import nodes, number, one_of

REQUIRED = {"name", "version", "title_zh", "title_en", "points", "blocks"}
OPTIONAL = {
    "example", "note_zh", "note_en", "since", "until", "sources", "indicators", "missing", "most_unjudged", "peers", "alliances", "ties",
    "bonus", "cap", "floor", "grades", "money",
}  # fmt: skip
BLOCK_KEYS = {"id", "title_zh", "title_en", "points", "items"}
BLOCK_OPTIONAL = {"source", "bonus", "floor", "cap"}
ITEM_KEYS = {"id", "title_zh", "title_en"}
ITEM_OPTIONAL = {
    "points", "least", "measure", "take", "against", "better", "missing", "least_cases", "since", "until", "basis", "note_zh", "note_en",
}  # fmt: skip
#: Ways to give points; an item has one.
HOWS = ("deduct", "earn", "slope", "bands", "given", "veto")
#: What a figure is made of: numerator by denominator, the numerator, or the cases of the denominator that are not in it.
TAKES = ("share", "numerator", "missed")
#: What a figure is held against: the share of peers that are not better, the last period (difference, or by its value).
AGAINST = ("peers", "last", "last_share")
#: What a figure that is not there does: its points are taken out of the account, lost, or given.
MISSING = ("rescale", "zero", "full")
_RANKS = ("skip", "dense")


@dataclass(frozen=True)
class Peers:
    """Who is compared with whom: hospitals that are alike in ``by``; fewer than ``least`` are compared with ``fewer``."""

    by: tuple[str, ...] = ()  #: level, type
    least: int = 2
    fewer: str = "missing"  #: missing, all


@dataclass(frozen=True)
class Bonus:
    """The most that bonus blocks bring, and whether they lead beyond the table's points."""

    most: Fraction | None = None
    beyond: bool = True


@dataclass(frozen=True)
class TableSettings:
    """See the module."""

    sources: dict[str, Fraction]  #: who judges -> weight; the first is that of blocks that name none
    titles: dict[str, tuple[str, str]]  #: of the sources
    missing: str
    most_unjudged: Fraction | None  #: share of cases that cannot be judged from which a figure counts as missing
    peers: Peers
    alliances: bool  #: whether a 医联体 is scored as one
    rank: str  #: after a tie the next rank is left out (skip) or not (dense)
    tie_break: tuple[str, ...]  #: blocks and items whose points decide before that
    bonus: Bonus
    cap: Fraction | None
    floor: Fraction
    grades: tuple[tuple[str, Fraction], ...]  #: the best first


def read_settings(page: Node) -> TableSettings:
    """The settings of a scheme; :class:`~validator.base.errors.ConfigError` names a wrong line."""
    sources, titles = dict[str, Fraction](), dict[str, tuple[str, str]]()
    for node in nodes(page, "sources"):
        yaml_csv.allow_keys(node.path, node, {"id", "title_zh", "title_en", "weight"}, set())
        sources[node.text("id")] = number(node, "weight")
        titles[node.text("id")] = node.text("title_zh"), node.text("title_en")
    missing = page.text("missing") or "zero"
    one_of(page, "missing", missing, MISSING)
    ties, bonus = page.mapping("ties"), page.mapping("bonus")
    yaml_csv.allow_keys(page.path, ties, set(), {"rank", "by"})
    yaml_csv.allow_keys(page.path, bonus, set(), {"most", "beyond"})
    rank = ties.text("rank") or "skip"
    one_of(ties, "rank", rank, _RANKS)
    return TableSettings(
        sources or {"": Fraction(1)}, titles, missing, number(page, "most_unjudged") if "most_unjudged" in page else None,
        _peers(page), page.get("alliances") is True, rank, ties.texts("by"),
        Bonus(number(bonus, "most") if "most" in bonus else None, bonus.get("beyond") is not False),
        number(page, "cap") if "cap" in page else None, number(page, "floor") if "floor" in page else Fraction(0), _grades(page),
    )  # fmt: skip


def _peers(page: Node) -> Peers:
    node = page.mapping("peers")
    yaml_csv.allow_keys(page.path, node, set(), {"by", "least", "fewer"})
    by, fewer = node.texts("by"), node.text("fewer") or "missing"
    for name in by:
        one_of(node, "by", name, ("level", "type"))
    one_of(node, "fewer", fewer, ("missing", "all"))
    return Peers(by, max(2, int(number(node, "least"))) if "least" in node else 2, fewer)


def _grades(page: Node) -> tuple[tuple[str, Fraction], ...]:
    found = list[tuple[str, Fraction]]()
    for node in nodes(page, "grades"):
        yaml_csv.allow_keys(node.path, node, {"grade", "from"}, set())
        limit = number(node, "from")
        if found and limit >= found[-1][1]:
            raise node.fault("from", "等次应从高到低排列", "grades go from best to worst")
        found.append((node.text("grade"), limit))
    return tuple(found)
