"""What page and workbook show of a measurement, as plain rows in the language in use."""

from collections.abc import Iterator
from typing import Any

import polars as pl

from validator.base.language import current, say
from validator.grouping.report import names
from validator.scoring.faults import DIP_CLASSES, dip_rules
from validator.scoring.measures import Measure, measures
from validator.scoring.run import Measurement
from validator.scoring.signals import NEEDS, signals

GROUPS = {
    "quality": ("数据质量", "Data quality"), "service": ("服务能力", "Services"),
    "efficiency": ("资源使用效率", "Efficiency"), "care": ("医疗质量", "Quality of care"),
    "cost": ("费用控制", "Cost"), "conduct": ("诊疗行为", "Conduct"),
}  # fmt: skip
LEVELS = {
    "all": ("全部", "All"), "hospital": ("医疗机构", "Hospital"), **names.TITLES,
}  # fmt: skip
#: Measures that the tables of hospitals, departments and so on show side by side on the page.
SHOWN = (
    "stays",
    "complete_cases",
    "passed",
    "grouping_rate",
    "cmi",
    "cost_index",
    "time_index",
    "readmission",
    "own_share",
)


def figure(measure: Measure, value: float | None) -> str:
    """A value as it is read: a share in percent, a dash where there is none. Nothing is rounded before this."""
    if value is None:
        return "—"
    match measure.unit:
        case "share" | "percent":
            return f"{value:.2%}"
        case "count":
            return f"{value:,.0f}"
    return f"{value:,.4f}" if abs(value) < 1000 else f"{value:,.2f}"


def amount(value: float) -> str:
    """A numerator or denominator: whole numbers as such."""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.4f}"


def overall(found: Measurement) -> list[dict[str, Any]]:
    """A row for each measure of all stays together."""
    every = {row["measure"]: row for row in found.measured.filter(by="all").iter_rows(named=True)}
    return [_row(measure, every[measure.id]) for measure in measures()]


def _row(measure: Measure, row: dict[str, Any]) -> dict[str, Any]:
    interval = "" if row["low"] is None else f"{row['low']:.2%} – {row['high']:.2%}"
    return row | {
        "id": measure.id, "group": measure.group, "title": measure.title, "shown": figure(measure, row["value"]),
        "interval": interval, "unit": measure.unit, "basis": measure.basis, "note": say(measure.note_zh, measure.note_en),
        "known": row["value"] is not None,
        "of": f"{amount(row['numerator'])} / {amount(row['denominator'])}",
    }  # fmt: skip


def level(found: Measurement, by: str) -> Iterator[dict[str, Any]]:
    """A row for each hospital, department …: ``hospital, key`` in words, and ``values`` by measure."""
    rows = dict[tuple[str | None, str | None], dict[str, dict[str, Any]]]()
    for row in found.measured.filter(by=by).iter_rows(named=True):
        rows.setdefault((row["hospital"], row["key"]), {})[row["measure"]] = row
    titles = dict(found.stays.select("hospital", "hospital_name").unique("hospital", keep="any").iter_rows())
    kinds = list(dict.fromkeys(key or "" for _, key in rows))
    words = found.people[by] if by in found.people else dict(zip(kinds, names.shown(by, kinds), strict=True))
    for (hospital, key), values in rows.items():
        code = hospital or say("（未填）", "(blank)")
        name = titles.get(hospital) or ""
        yield {
            "hospital": f"{name} {code}".strip(),
            "code": hospital,
            "key": words.get(key or "") or say("（未填）", "(blank)"),
            "values": values,
        }


def of_signals(found: Measurement) -> list[dict[str, Any]]:
    """A row for each form of conduct: how many signals, or why the data cannot show it."""
    counts = dict(found.signals["signal"].value_counts().iter_rows())
    hospitals = dict(found.signals.group_by("signal").agg(pl.col("hospital").n_unique()).iter_rows())
    return [
        {
            "id": signal.id, "title": signal.title, "form": signal.form, "basis": signal.basis,
            "cases": counts.get(signal.id, 0) if _shown(found, signal.data) else None,
            "hospitals": hospitals.get(signal.id, 0),
            "limit": signal.limit, "limit_source": say(signal.limit_zh, signal.limit_en),
            "note": say(signal.note_zh, signal.note_en),
            "why": "" if _shown(found, signal.data) else say(*NEEDS[signal.data]),
        }
        for signal in signals()
    ]  # fmt: skip


def of_dip_rules(found: Measurement) -> list[dict[str, Any]]:
    """A row for each rule by which DIP is supervised: its class, what it is about, and the cases with doubts."""
    ran = set(found.report.outcomes.filter(status="ran")["check"])
    checks = found.report.checks
    return [
        {
            "class": say(*DIP_CLASSES[rule.class_]), "id": rule.check, "note": say(rule.note_zh, rule.note_en),
            "title": checks[rule.check].title(current()) if rule.check in checks else "",
            "cases": found.dip_rules[rule.check] if rule.check in ran else None,
        }
        for rule in dip_rules()
    ]  # fmt: skip


def _shown(found: Measurement, data: str) -> bool:
    """Whether the data of the run can show signals that need ``data``."""
    return {"lists": True, "fees": found.has_lines, "leave": found.has_leaves}.get(data, False)


def _of_deliveries(found: Measurement) -> list[str]:
    """What is not judged for want of a roll or a ledger."""
    came, lines = found.deliveries, list[str]()
    if not came.has_roll:
        lines.append(
            say(
                "没有给结算名册：时效性、上报率、机构覆盖率无法判定（--roll）",
                "No roll of settlements: timeliness, delivery and coverage are not judged (--roll)",
            )
        )
    elif not came.has_settlements:
        lines.append(
            say(
                "名册只有例数，没有逐笔结算：上报率、时效性无法判定，只看哪些机构报过",
                "The roll has counts alone: delivery and timeliness are not judged, only which hospitals delivered",
            )
        )
    if not came.has_ledger:
        lines.append(
            say(
                "没有给收单台账：时效性、错误改正率无法判定（--ledger）",
                "No ledger of the intake: timeliness and correction are not judged (--ledger)",
            )
        )
    return [*lines, came.convention] if came.convention else lines


def notes(found: Measurement) -> list[str]:
    """What a reader must know of the figures."""
    lines = [
        say(
            f"按出院日期计入期间：{found.settings.period.begin} 至 {found.settings.period.end}，共 {found.stays.height} 例；"
            f"另有 {found.outside} 例不在期内，{found.undated} 例出院日期不明，没有计入",
            f"Stays count by their day of discharge: {found.settings.period.begin} to {found.settings.period.end}, "
            f"{found.stays.height} of them; {found.outside} ended at other times, of {found.undated} the day is not known",
        )
    ]
    if not found.schemes:
        lines.append(
            say(
                "没有装载分组方案：入组率、CMI、消耗指数等无法判定（zhikong codebooks add）",
                "No grouping scheme is loaded: grouping rate, CMI and indices are not judged (zhikong codebooks add)",
            )
        )
    if found.schemes and not found.weighted:
        lines.append(
            say("没有给权重表：CMI 无法判定（--weights）", "No table of weights: CMI is not judged (--weights)")
        )
    lines += [
        say(f"{count} 例无法判定能否入组：{why}", f"Whether {count} stays have a group is not judged: {why}")
        for why, count in found.not_grouped.items()
    ]
    lines += _of_deliveries(found)
    lines.append(
        say(
            "疑点只是提示核对，不是结论；不给科室、医师排名",
            "Signals ask for a look and are no verdicts; departments and physicians are not ranked",
        )
    )
    return lines
