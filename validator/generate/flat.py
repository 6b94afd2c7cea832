"""Fictional cases for a grouping scheme: flat, drawn from the scheme's own sets so that most of them group."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, product
from typing import TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from validator.generate.draw import Draw
from validator.grouping.language import VIRTUAL, Among, Compare, Every, Node, Not, Some
from validator.grouping.scheme import DrgScheme

#: Sets of codes, one to choose from at a time.
Pools: TypeAlias = Sequence[Sequence[str]]
_WAYS = 16  #: ways to satisfy one ADRG that are drawn from, at most
_UNKNOWN = "Z99.999x999"  #: a code that no scheme has
_EDGES = (499, 500, 1499, 1500, 1501, 1999, 2000, 2001, 2499, 2500, 2501, 4500)  #: grams, around the classes
_LIMITS = {"XSRTL": (0, 364), "XSRTZ": (400, 5000), "NL": (0, 99), "XB": (1, 2)}
_MORE_DIAGNOSES, _MORE_OPERATIONS = 5, 3
_NEWBORN = 28  #: days


def drawn(scheme: DrgScheme, count: int, seed: int, noise: float = 1.0) -> pl.DataFrame:
    """Flat cases (``case_id, sex, age, age_days, weight_g, diagnoses, procedures``, texts), the same for the same seed.

    Each case aims at an ADRG, all alike often. ``noise``: how much of what goes wrong in life is mixed in: grey, unknown
    and missing principal codes, wrong or missing sex, age, weight, other operations first; 0 for none.
    """
    draw, recipes = Draw(seed, np.arange(count, dtype=np.uint64)), list(_recipes(scheme))
    recipe = draw.index("recipe", [each.share for each in recipes])
    people = _people(draw, recipes, recipe, noise)
    return people.with_columns(
        diagnoses=_joined(_diagnoses(draw, scheme, recipes, recipe, noise)),
        procedures=_joined(_operations(draw, scheme, recipes, recipe, noise)),
    )


# ---- what an ADRG asks for


@dataclass(frozen=True)
class _Recipe:
    """One way into an ADRG: where several sets are asked of one field, the codes that are in all of them."""

    share: float
    principal: Sequence[str]
    operation: Sequence[str]  #: the principal one; none asked for where empty
    diagnoses: Pools = ()
    operations: Pools = ()
    limits: dict[str, tuple[int, int]] = field(default_factory=dict)


def principals(scheme: DrgScheme) -> list[str]:
    """The diagnoses that some category takes as principal."""
    sets = _sets(scheme)
    leaves = {leaf for slot in scheme.mdcs for leaf in _leaves(slot.node) if "ZYZD" in leaf.fields}
    return sorted({code for leaf in leaves for code in _of(leaf, sets)})


def _sets(scheme: DrgScheme) -> dict[str, frozenset[str]]:
    return {str(name): frozenset(part["code"]) for (name,), part in scheme.part("member").group_by("parent")}


def _recipes(scheme: DrgScheme) -> Iterator[_Recipe]:
    sets, anyone = _sets(scheme), principals(scheme)
    for mdc in scheme.mdcs:
        for adrg in scheme.adrgs[mdc.code]:
            if not adrg.rest:
                ways = list(islice(_ways(Every((mdc.node, adrg.node))), _WAYS))
                found = [each for way in ways if (each := _recipe(way, sets, anyone, 1 / len(ways)))]
                yield from found


def _ways(node: Node) -> Iterator[tuple[Among | Compare, ...]]:
    """Ways to make a rule true: memberships of one field each, and comparisons; what must not be is left to luck."""
    match node:
        case Among():
            for name in node.fields:
                if not set(node.sets) & set(VIRTUAL):
                    times = int(node.number) if node.sign == ">=" else 1
                    rest = [Among((node.fields[-1],), node.sets)] * (times - 1)
                    yield (Among((name,), node.sets), *rest)
        case Compare():
            yield (node,)
        case Not():
            yield ()
        case Every(parts):
            for chosen in product(*(list(islice(_ways(part), _WAYS)) for part in parts)):
                yield tuple(leaf for way in chosen for leaf in way)
        case Some(parts):
            for part in parts:
                yield from _ways(part)


def _leaves(node: Node) -> set[Among]:
    return {leaf for way in _ways(node) for leaf in way if isinstance(leaf, Among)}


def _of(leaf: Among, sets: dict[str, frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*(sets[name] for name in leaf.sets))


def _recipe(
    way: tuple[Among | Compare, ...], sets: dict[str, frozenset[str]], anyone: list[str], share: float
) -> _Recipe | None:
    """Return what makes the rule true, None where nothing does."""
    asked: dict[str, list[frozenset[str]]] = {"ZYZD": [], "QTZD": [], "ZYSS": [], "QTSS": []}
    limits: dict[str, tuple[int, int]] = {}
    for leaf in way:
        if isinstance(leaf, Among):
            asked[leaf.fields[0]].append(_of(leaf, sets))
        else:
            limits[leaf.field] = _narrowed(limits.get(leaf.field, _LIMITS[leaf.field]), leaf)
    both = {name: sorted(frozenset.intersection(*asked[name])) if asked[name] else [] for name in ("ZYZD", "ZYSS")}
    if any(asked[name] and not codes for name, codes in both.items()):
        return None
    others = {name: [sorted(each) for each in asked[name]] for name in ("QTZD", "QTSS")}
    return _Recipe(share, both["ZYZD"] or anyone, both["ZYSS"], others["QTZD"], others["QTSS"], limits)


def _narrowed(limit: tuple[int, int], leaf: Compare) -> tuple[int, int]:
    low, high, number = *limit, int(leaf.number)
    match leaf.sign:
        case ">=":
            return max(low, number), high
        case ">":
            return max(low, number + 1), high
        case "<=":
            return low, min(high, number)
        case "<":
            return low, min(high, number - 1)
        case "=" | "==":
            return number, number
    return limit


# ---- the cases


def _people(draw: Draw, recipes: list[_Recipe], recipe: NDArray[np.intp], noise: float) -> pl.DataFrame:
    """Sex, age in years, age in days and weight of infants."""

    def limit(name: str, side: int) -> pl.Expr:
        sides = [each.limits.get(name, _LIMITS[name])[side] for each in recipes]
        return pl.lit(pl.Series(sides, dtype=pl.Int64)[recipe])

    infant = limit("NL", 1) == 0
    for name in ("XSRTL", "XSRTZ"):
        infant |= (limit(name, 0) != _LIMITS[name][0]) | (limit(name, 1) != _LIMITS[name][1])
    infant |= (limit("NL", 0) == 0) & (draw.unit("infant") < 0.06)
    child = draw.unit("child") < 0.1
    low, high = limit("NL", 0).clip(1), limit("NL", 1).clip(1)
    years = draw.between("years", pl.max_horizontal(low, pl.when(child).then(1).otherwise(15)), high)
    days = draw.between("days", limit("XSRTL", 0), pl.min_horizontal(limit("XSRTL", 1), _day_before(draw)))
    days = pl.max_horizontal(days, limit("XSRTL", 0))
    grams = draw.between("grams", limit("XSRTZ", 0), limit("XSRTZ", 1))
    edge = draw.one_of("edge", [str(each) for each in _EDGES]).cast(pl.Int64)
    grams = pl.when(draw.unit("on the edge") < 0.3 * noise).then(edge).otherwise(grams)
    sex = draw.between("sex", limit("XB", 0), limit("XB", 1)).cast(pl.String)
    sex = (
        pl.when(draw.unit("other sex") < 0.02 * noise)
        .then(pl.lit("3").cast(pl.Int64) - sex.cast(pl.Int64))
        .otherwise(sex.cast(pl.Int64))
    )
    lost = {name: draw.unit(f"no {name}") < 0.03 * noise for name in ("sex", "age", "days", "weight")}
    strange = draw.one_of("strange sex", ["", "0", "9", "X"])
    return pl.select(
        case_id=pl.format("C{}", pl.int_range(1, len(recipe) + 1).cast(pl.String).str.zfill(7)),
        sex=pl.when(lost["sex"]).then(strange).otherwise(sex.cast(pl.String)),
        age=pl.when(~lost["age"]).then(pl.when(infant).then(0).otherwise(years).cast(pl.String)),
        age_days=pl.when(infant & ~lost["days"]).then(days.cast(pl.String)),
        weight_g=pl.when(infant & (days <= _NEWBORN) & ~lost["weight"]).then(grams.cast(pl.String)),
    )


def _day_before(draw: Draw) -> pl.Expr:
    """Return ages in days: mostly newborns, some of them at the limit of 28 days, and older infants."""
    edge = draw.between("edge of newborns", 27, 30)
    chance = draw.unit("how old an infant")
    return pl.when(chance < 0.75).then(_NEWBORN).when(chance < 0.85).then(edge).otherwise(364)


def _diagnoses(
    draw: Draw, scheme: DrgScheme, recipes: list[_Recipe], recipe: NDArray[np.intp], noise: float
) -> list[pl.Series]:
    """The principal diagnosis, those that the ADRG asks for, and more: complications and any others."""
    complications = scheme.part("cc")
    pools = [complications.filter(rule=kind)["code"].to_list() for kind in ("MCC", "CC")]
    every = scheme.part("diagnosis")["code"].to_list() or [code for each in recipes for code in each.principal]
    pools = [each or every for each in pools] + [every]
    principal = _one(draw, "principal", [each.principal for each in recipes], recipe)
    chance = draw.chance("wrong principal") / noise if noise else np.ones(len(recipe))
    principal = principal.zip_with(pl.Series(chance >= 0.04), _one(draw, "any principal", [every], recipe * 0))
    parent = principal.str.replace(r"\A(.{5}).*", "${1}00")
    principal = principal.zip_with(pl.Series((chance < 0.04) | (chance >= 0.08)), parent)
    principal = principal.set(pl.Series((chance >= 0.08) & (chance < 0.09)), _UNKNOWN)
    principal = principal.set(pl.Series((chance >= 0.09) & (chance < 0.1)), "")
    asked = _asked(draw, "diagnosis", [each.diagnoses for each in recipes], recipe)
    return [principal, *asked, *_more(draw, "more diagnoses", pools, _MORE_DIAGNOSES)]


def _operations(
    draw: Draw, scheme: DrgScheme, recipes: list[_Recipe], recipe: NDArray[np.intp], noise: float
) -> list[pl.Series]:
    """The principal operation, those that the ADRG asks for, and more."""
    surgical = scheme.part("member").filter(parent=scheme.options.get("surgical", ""))["code"].to_list()
    every = scheme.part("procedure")["code"].to_list() or surgical
    if not every:
        return [pl.repeat("", len(recipe), dtype=pl.String, eager=True)]
    asked = _asked(draw, "operation", [each.operations for each in recipes], recipe)
    principal = _one(draw, "principal operation", [each.operation for each in recipes], recipe)
    instead = _one(draw, "any operation", [surgical or every, every], draw.index("which operation", [1, 1]))
    needed = pl.Series([bool(each.operations) for each in recipes])[recipe]  # so that those asked for stand behind it
    other = pl.Series(draw.chance("operation instead") < (0.06 * noise)) | (principal.is_null() & needed)
    principal = instead.zip_with(other, principal)
    principal = principal.set(pl.Series(draw.chance("no operation") < 0.04 * noise), None)
    more = _more(draw, "more operations", [surgical or every, every], _MORE_OPERATIONS)
    return [principal, *(each.set(principal.is_null(), None) for each in [*asked, *more])]


def _asked(draw: Draw, subject: str, asked: Sequence[Pools], recipe: NDArray[np.intp]) -> list[pl.Series]:
    most = max(map(len, asked), default=0)
    return [
        _one(draw, f"{subject} {n}", [each[n] if n < len(each) else [] for each in asked], recipe) for n in range(most)
    ]


def _more(draw: Draw, subject: str, pools: Pools, most: int) -> list[pl.Series]:
    """0 to ``most`` further codes."""
    number = draw.index(subject, [2.0 ** -(n / 2) for n in range(most + 1)])
    found = []
    for n in range(most):
        code = _one(draw, f"{subject} {n}", pools, draw.index(f"{subject} pool {n}", [1] * len(pools)))
        found.append(code.set(pl.Series(number <= n), None))
    return found


def _one(draw: Draw, subject: str, pools: Pools, pool: NDArray[np.intp]) -> pl.Series:
    """For each case a code of its pool; null where that is empty."""
    sizes = np.array([len(each) for each in pools])
    starts = np.cumsum(sizes) - sizes
    codes = pl.Series([code for each in pools for code in each] or [None], dtype=pl.String)
    place = starts[pool] + (draw.chance(subject) * sizes[pool]).astype(np.int64)
    return codes.gather(np.minimum(place, len(codes) - 1)).set(pl.Series(sizes[pool] == 0), None)


def _joined(codes: list[pl.Series]) -> pl.Series:
    columns = pl.DataFrame([each.alias(str(n)) for n, each in enumerate(codes)])
    return columns.select(pl.concat_str(pl.all(), separator="|", ignore_nulls=True)).to_series()
