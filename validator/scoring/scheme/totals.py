"""From points of items to a total: blocks, sources, bonus, cap. One function, for the total as for what it might be."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from validator.scoring.scheme.pages import AssessedBlock, ScoreScheme

Points = Mapping[str, Fraction | None]  #: item -> its points; None: taken out of the account


@dataclass(frozen=True)
class ScoreTotal:
    """``blocks``: what each gives; ``sources``: what each source gives of its full points, None where nothing is left to judge by;
    ``full`` and ``counted``: the points of a source, and those in the account.
    """

    blocks: Mapping[str, Fraction]
    sources: Mapping[str, Fraction | None]
    full: Mapping[str, Fraction]
    counted: Mapping[str, Fraction]
    bonus: Fraction
    total: Fraction | None


def total_of(scheme: ScoreScheme, points: Points) -> ScoreTotal:
    """The total that these points of items make; vetoes are not looked at."""
    settings = scheme.settings
    blocks = {block.id: _of_block(block, points) for block in scheme.blocks}
    sources, full, counted = dict[str, Fraction | None](), dict[str, Fraction](), dict[str, Fraction]()
    for source in settings.sources:
        own = [block for block in scheme.blocks if block.source == source and not block.bonus]
        full[source] = sum((block.points for block in own), Fraction(0))
        counted[source] = sum(
            (item.points for block in own for item in block.items if points.get(item.id) is not None), Fraction(0)
        )
        sums = sum((blocks[block.id] for block in own), Fraction(0))
        sources[source] = sums * full[source] / counted[source] if counted[source] else None if full[source] else sums
    bonus = sum((blocks[block.id] for block in scheme.blocks if block.bonus), Fraction(0))
    if settings.bonus.most is not None:
        bonus = min(bonus, settings.bonus.most)
    return ScoreTotal(blocks, sources, full, counted, bonus, _whole(scheme, sources, bonus))


def _of_block(block: AssessedBlock, points: Points) -> Fraction:
    own = sum((points.get(item.id) or Fraction(0) for item in block.items), Fraction(0))
    own = min(own, block.cap)
    return own if block.floor is None else max(own, block.floor)


def _whole(scheme: ScoreScheme, sources: Mapping[str, Fraction | None], bonus: Fraction) -> Fraction | None:
    settings, total = scheme.settings, bonus
    for source, weight in settings.sources.items():
        own = sources[source]
        if own is None:
            return None
        total += weight * own
    if not settings.bonus.beyond:
        total = min(total, scheme.points)
    if settings.cap is not None:
        total = min(total, settings.cap)
    return max(total, settings.floor)
