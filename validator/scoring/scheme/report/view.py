"""What page and workbook show of a scoring, as plain rows in the language in use."""

from collections.abc import Iterator
from typing import Any

from validator.base.language import say
from validator.scoring.measures import measures
from validator.scoring.scheme.run import Scoring

METHODS = {
    "wilson": ("Wilson", "Wilson"), "poisson": ("精确 Poisson", "exact Poisson"), "bootstrap": ("自助法", "bootstrap"), "": ("", ""),
}  # fmt: skip


def notes(found: Scoring) -> list[str]:
    """What a reader must know."""
    scheme, period = found.scheme, found.period
    lines = [
        say(
            f"{scheme.title}（{scheme.version} 版），期间 {period.begin} 至 {period.end}，显示之前不取整",
            f"{scheme.title} (version {scheme.version}), {period.begin} to {period.end}; nothing is rounded before it is shown",
        )
    ]
    if scheme.note:
        lines.append(scheme.note)
    if found.rejudged:
        lines.append(
            say(f"{len(found.rejudged)} 个病例经申诉改判", f"{len(found.rejudged)} cases were judged again on appeal")
        )
    if found.against:
        other = found.against
        lines.append(
            say(
                f"差异：与 {other.title}（{other.version} 版）相比",
                f"Changes: against {other.title} (version {other.version})",
            )
        )
    return lines


def ranked(found: Scoring) -> Iterator[dict[str, Any]]:
    """Each indicator and hospital among its peers."""
    titles = {measure.id: measure.title for measure in measures()}
    shares = {item.measure for item in found.scheme.items if item.unit in ("share", "percent")}

    def figure(name: str, value: float | None) -> str:
        if value is None:
            return "—"
        return f"{value:.2%}" if name in shares else f"{value:,.4f}"

    def span(name: str, low: float | None, high: float | None) -> str:
        return "" if low is None or high is None else f"{figure(name, low)} – {figure(name, high)}"

    for row in found.ranked.iter_rows(named=True):
        name = row["measure"]
        first, last, away = row["first"], row["last"], row["outside"]
        sign = "" if away is None else say("高于", "above ") if away > 0 else say("低于", "below ")
        yield {
            **row, "title": titles.get(name, name), "value": figure(name, row["value"]), "centre": figure(name, row["centre"]),
            "interval": span(name, row["low"], row["high"]), "ranks": "" if first is None else f"{first}–{last}",
            "limits2": span(name, row["low2"], row["high2"]), "limits3": span(name, row["low3"], row["high3"]),
            "outside": "" if away is None else say(f"{sign} {abs(away)} 倍", f"{sign}{abs(away)} SD"),
            "method": say(*METHODS[row["method"]]),
        }  # fmt: skip


def changes(found: Scoring) -> Iterator[dict[str, Any]]:
    """For each hospital that changes its totals, then the items."""
    for each in found.changes:
        names = {"hospital": each.sheet.hospital.code, "name": each.sheet.hospital.name}
        before, after = (None if sheet is None else sheet.total for sheet in (each.before, each.after))
        yield {
            **names,
            "item": say("总分", "Total"),
            "before": before,
            "after": after,
            "words_before": "",
            "words_after": "",
        }
        for item in each.items:
            yield {
                **names, "item": item.title, "before": item.before, "after": item.after, "words_before": item.why[0],
                "words_after": item.why[1],
            }  # fmt: skip
