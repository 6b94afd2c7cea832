"""Knowledge points read a second time, in plain Python from the published tables, and held against generated charge lines.

The two readings must agree to the fen. For many stays and the state's own points: ``python -m tests.loaders.second_reading 2000``.
"""

import csv
import random
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_FLOOR, Decimal
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from tests.checks.rows import roads
from tests.shared import SHARED
from validator import api, loaders
from validator.codes.tables import Store

Row = dict[str, Any]
#: Check, number of the line -> quantity, money in fen (None: not known).
Found = dict[tuple[str, str], tuple[Decimal, int | None]]
KNOWN = SHARED / "knowledge"
WITHIN = {"同一小时": "KP111", "6小时": "KP112", "单日": "KP113", "单次就诊": "KP114"}
_SIX_HOURS = 6 * 3600


@dataclass
class Points:
    """The points as their tables have them; a limit by code or, of drugs, by what all makers of one share."""

    sex: dict[str, str] = field(default_factory=dict)
    age: dict[str, str] = field(default_factory=dict)
    level: dict[str, int] = field(default_factory=dict)
    insurance: dict[str, str] = field(default_factory=dict)
    course: dict[str, int] = field(default_factory=dict)
    day: dict[str, int] = field(default_factory=dict)
    cycle: dict[str, tuple[int, int]] = field(default_factory=dict)  #: times, days
    group: dict[str, str] = field(default_factory=dict)
    pairs: list[tuple[str, str, str]] = field(default_factory=list)  #: within, main, included

    def of(self, kind: str, code: str) -> Any:
        """What a kind of point says of a code."""
        return getattr(self, kind).get(generic(code))

    def codes(self) -> list[str]:
        """Every code that a point speaks of; of drugs, one that another maker might have."""
        names = ("sex", "age", "level", "insurance", "course", "day", "cycle", "group")
        plain = {code for name in names for code in getattr(self, name)} | {
            each for _, *two in self.pairs for each in two
        }
        return sorted(full(code) for code in plain)


def generic(code: str) -> str:
    """What a drug's code shares with those of other makers."""
    return code[: {"X": 14, "Z": 11}.get(code[0], 99)]


def full(code: str) -> str:
    """A whole code of a drug's shared part."""
    whole = {"X": 23, "Z": 20}.get(code[0], len(code))
    return code + "".join(str(n % 10) for n in range(1, whole - len(code) + 1))


def published() -> Points:
    """The state's points as the plain tables next to the checkout have them."""

    def rows(name: str) -> list[Row]:
        with (KNOWN / f"{name}.tsv").open(encoding="utf-8") as file:
            return list(csv.DictReader(file, delimiter="\t"))

    def days(text: str) -> int:
        part = text.split("天", maxsplit=1)[0].rpartition("不超过")[2]
        return int(part) if part.isdigit() else 365

    found = Points(
        sex={row["code"]: row["sex"] for row in rows("service_sex")},
        age={row["code"]: row["limit"] for row in rows("service_age")},
        course={row["code"]: days(row["limit_text"]) for row in rows("service_course")},
        day={row["code"]: int(row["max"]) for row in rows("service_frequency")},
        cycle={row["code"]: (int(row["max"]), int(row["days"])) for row in rows("service_cycle")},
        group={row["code"]: row["group"] for row in rows("service_same_incision")},
        pairs=[(row["within"], row["main_code"], row["included_code"]) for row in rows("service_duplicate")],
    )
    for row in rows("drug_limits_by_prefix"):
        if row["kind"] in _DRUGS:
            kind, limit = _DRUGS[row["kind"]]
            getattr(found, kind)[row["prefix"]] = limit(row["limit"])
    return found


#: Kind of a drug's limit in the plain tables -> its name here, and what is made of its text.
_DRUGS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "sex": ("sex", {"男": "1", "女": "2"}.__getitem__),
    "age": ("age", str),
    "hospital_level": ("level", lambda text: 2 if "二" in text else 3),
    "insurance": ("insurance", str),
    "course_days": ("course", lambda text: int(text.removesuffix("天"))),
}


def books(points: Points) -> Iterator[tuple[str, list[Sequence[Any]]]]:
    """The points as workbooks in the published shape: the file's name and its rows."""
    sexes = {"1": "男", "2": "女"}
    levels = {1: "一级", 2: "二级", 3: "三级"}
    shown: dict[str, Callable[[Any], str]] = {
        "sex": sexes.__getitem__, "age": str, "level": levels.__getitem__, "insurance": str, "course": "支付不超过{}天".format,
    }  # fmt: skip
    titles = {
        "sex": "限定性别",
        "age": "限定儿童",
        "level": "限定机构级别",
        "insurance": "限工伤生育",
        "course": "限定疗程",
    }
    for kind, title in titles.items():
        for drug in (False, True):
            some = {full(code): limit for code, limit in getattr(points, kind).items() if (code[0] in "XZ") == drug}
            rows = [("名称甲", code, title, shown[kind](limit)) for code, limit in some.items()]
            if rows:
                name = "药品通用名" if drug else "项目名称"
                yield (
                    f"【第一批】{'药品' if drug else '项目'}规则库（{title}）.xlsx",
                    [(name, "国标代码", "限定类型", "限定对象"), *rows],
                )
    heads = ("项目名称", "限制数量", "数量单位", "项目编码")
    hourly = [("名称乙", most, "日" if most < 24 else "小时", code) for code, most in points.day.items()]
    yield "【第八批-1】项目规则库（限定频次）.xlsx", [heads, *hourly, ("合计", None, None, None)]
    cycles = [("名称丙", most, f"{days}天", code) for code, (most, days) in points.cycle.items()]
    yield "【第八批-2】项目规则库（周期超频次）.xlsx", [heads, *cycles]
    groups = [("名称丁", code, group) for code, group in points.group.items()]
    yield "【第六批】项目规则库（同一切口）.xlsx", [("项目名称", "项目编码", "手术组"), *groups]
    pairs = [(within, "主项", main, "从项", included) for within, main, included in points.pairs]
    yield "【第七批】项目规则库（重复收费）.xlsx", [("频度", "主项名称", "主项编码", "从项名称", "从项编码"), *pairs]


def load(points: Points, store: Store, folder: Path) -> None:
    """Load the points as ``codebooks add`` does."""
    for name, rows in books(points):
        book = Workbook()
        for row in rows:
            book.active.append(row)
        book.save(folder / name)
        loaders.add(folder / name, store)


def messages(count: int, seed: int, codes: Sequence[str]) -> list[Row]:
    """Generated lists with their charge lines: half of these charge what a point speaks of; some are refunded, some twice there."""
    draw, found = random.Random(seed), []
    for message in roads.generated("4101+2301", count, seed, 0, planted=0):
        rows = message["input"]["feedetail"]
        taken = {
            each for row in rows for each in (row["init_feedetl_sn"], row["init_feedetl_sn"] and row["feedetl_sn"])
        }
        lines = [row for row in rows if row["feedetl_sn"] not in taken]  # without the refunds that are generated
        message["input"]["feedetail"] = lines
        few = draw.sample(codes, min(len(codes), 12))
        for line in lines:
            if draw.random() < 0.5:
                code, cnt = draw.choice(few), Decimal(draw.choice(("1", "1", "2", "0.5", "3", "25")))
                price = Decimal(draw.randint(1, 99_999)) / 100
                line |= {"med_list_codg": code, "medins_list_codg": f"L{code}", "cnt": f"{cnt}", "pric": f"{price:.6f}"}
                line["det_item_fee_sumamt"] = f"{price * cnt:.2f}"
        lines += [_refund(line, draw) for line in lines if draw.random() < 0.05]
        lines += [dict(line) for line in lines if draw.random() < 0.01]
        found.append(message)
    return found


def _refund(line: Row, draw: random.Random) -> Row:
    """A line that takes another back, whole or in part."""
    whole = Decimal(line["cnt"])
    cnt = whole if draw.random() < 0.5 else min(Decimal(1), whole)
    amount = f"{-(Decimal(line['det_item_fee_sumamt']) * cnt / whole):.2f}"
    sn = line["feedetl_sn"]
    return {**line, "feedetl_sn": f"R{sn}", "init_feedetl_sn": sn, "cnt": f"{-cnt}", "det_item_fee_sumamt": amount}


def naive(message: Row, points: Points) -> Found:
    """What the points find in one list with its lines, line by line."""
    lines = _netted(message["input"]["feedetail"])
    if _is_mother_or_newborn(message["input"]):
        return {}
    return {
        **_limits(message["input"]["setlinfo"], lines, points), **_duplicates(lines, points), **_numbers(lines, points),
        **_operations(lines, points),
    }  # fmt: skip


def _limits(own: Row, lines: Iterable[Row], points: Points) -> Found:
    """Codes for another sex, age, level or insurance: the whole line."""
    found: Found = {}
    for line in lines:
        code, whole = line["code"], (line["quantity"], line["fen"])
        sex, young, least = points.of("sex", code), points.of("age", code) or "", points.of("level", code)
        oldest = next((years for word, years in _OLDEST.items() if word in young), 200)
        special = any(word in (points.of("insurance", code) or "") for word in ("工伤", "生育"))
        wrong = {
            "KP101": sex and own["gend"] in ("1", "2") and sex != own["gend"],
            "KP102": young and _age(own) > oldest,
            "KP103": least and int(own["hi_setl_lv"]) < least,
            "KP104": own["hi_type"] in ("310", "390") and special,
        }
        found |= {(check, line["sn"]): whole for check, fails in wrong.items() if fails}
    return found


_OLDEST = {"新生儿": 0, "婴": 3, "儿童": 18}


def _duplicates(lines: Sequence[Row], points: Points) -> Found:
    """Charges that another one of the window includes."""
    return {
        (WITHIN[within], line["sn"]): (line["quantity"], line["fen"])
        for within, main, included in points.pairs
        for line in lines
        if line["code"] == included
        and any(
            each["code"] == main and each is not line and _near(within, line["time"], each["time"]) for each in lines
        )
    }


def _numbers(lines: Sequence[Row], points: Points) -> Found:
    """What follows a course, and what is more than a day or cycle allows."""
    found: Found = {}
    for same in _parted(lines, lambda each: each["code"]):
        code, first = same[0]["code"], min(each["time"].date() for each in same)
        since = {each["sn"]: (each["time"].date() - first).days for each in same}
        course, most, cycle = (points.of(kind, code) for kind in ("course", "day", "cycle"))
        late = [each for each in same if course and since[each["sn"]] >= course]
        found |= {("KP122", each["sn"]): (each["quantity"], each["fen"]) for each in late}
        for check, times, days in [("KP121", most, 1), ("KP123", *(cycle or (None, 1)))]:
            parts = _parted(same, lambda each, since=since, days=days: since[each["sn"]] // days)
            found |= _beyond(check, times, parts) if times else {}
    return found


def _operations(lines: Iterable[Row], points: Points) -> Found:
    """Of the operations of a group on one day all but the dearest: half of their quantity, without money."""
    found: Found = {}
    whole = [each for each in lines if points.of("group", each["code"]) and each["quantity"] >= 1]
    for same in _parted(whole, lambda each: (points.of("group", each["code"]), each["time"].date())):
        highest = max(each["price"] for each in same)
        dearest = min(each["code"] for each in same if each["price"] == highest)
        others = [each for each in same if each["code"] != dearest]
        found |= {("KP131", each["sn"]): (each["quantity"].to_integral_value(ROUND_FLOOR) / 2, None) for each in others}
    return found


def _netted(rows: Iterable[Row]) -> list[Row]:
    """The charges of which something is left after the refunds that name them; a number that two have is neither's."""
    times = Counter(row["feedetl_sn"] for row in rows if Decimal(row["cnt"]) > 0)
    lines = {row["feedetl_sn"]: row for row in rows if Decimal(row["cnt"]) > 0 and times[row["feedetl_sn"]] == 1}
    quantities = {sn: Decimal(row["cnt"]) for sn, row in lines.items()}
    amounts = {sn: Decimal(row["det_item_fee_sumamt"]) for sn, row in lines.items()}
    for row in rows:
        if Decimal(row["cnt"]) < 0 and row["init_feedetl_sn"] in lines:
            quantities[row["init_feedetl_sn"]] += Decimal(row["cnt"])
            amounts[row["init_feedetl_sn"]] += Decimal(row["det_item_fee_sumamt"])
    return [
        {
            "sn": sn, "code": row["med_list_codg"], "time": datetime.fromisoformat(row["fee_ocur_time"]),
            "price": Decimal(row["pric"]), "quantity": quantities[sn], "fen": int(amounts[sn] * 100),
        }
        for sn, row in lines.items() if quantities[sn] > 0
    ]  # fmt: skip


def _parted(lines: Iterable[Row], by: Callable[[Row], Any]) -> list[list[Row]]:
    parts = defaultdict(list)
    for line in lines:
        parts[by(line)].append(line)
    return list(parts.values())


def _beyond(check: str, most: int, parts: Iterable[list[Row]]) -> Found:
    """The parts whose quantities exceed what is allowed, each at its last line, with the money at its average price."""
    found: Found = {}
    for part in parts:
        quantity, fen = sum(each["quantity"] for each in part), sum(each["fen"] for each in part)
        if quantity > most:
            money = Decimal(fen) * (quantity - most) / quantity
            found[check, max(each["sn"] for each in part)] = (
                quantity - most,
                int((money + Decimal("0.5")).to_integral_value(ROUND_FLOOR)),
            )
    return found


def _near(within: str, one: datetime, other: datetime) -> bool:
    match within:
        case "单日":
            return one.date() == other.date()
        case "同一小时":
            return (one.date(), one.hour) == (other.date(), other.hour)
        case "6小时":
            return abs((one - other).total_seconds()) <= _SIX_HOURS
    return True


def _age(own: Row) -> int:
    """The full years at admission."""
    born, came = date.fromisoformat(own["brdy"][:10]), date.fromisoformat(own["adm_time"][:10])
    return came.year - born.year - ((came.month, came.day) < (born.month, born.day))


def _is_mother_or_newborn(tables: Row) -> bool:
    own = tables["setlinfo"]
    days = (date.fromisoformat(own["adm_time"][:10]) - date.fromisoformat(own["brdy"][:10])).days
    codes = [row["diag_code"] or "" for row in tables["diseinfo"]]
    return days <= 28 or any("O80" <= code[:3] <= "O84" or code.startswith("Z37") for code in codes)


def judged(rows: Iterable[Row], given: Sequence[Row]) -> Found:
    """What the engine finds in messages: findings as rows, by check and the line's number."""
    lines = {message["input"]["setlinfo"]["setl_id"]: message["input"]["feedetail"] for message in given}
    return {
        (row["check"], f"{row['case_id']}/{lines[row['case_id']][row['row'] - 1]['feedetl_sn']}"): (
            Decimal(row["excess_quantity"]), row["excess_fen"],
        )
        for row in rows
    }  # fmt: skip


def both(points: Points, count: int, seed: int, folder: Path) -> tuple[api.Report, list[Row], Found, Found]:
    """The report on generated stays, their messages, what it found, and what the second reading finds."""
    store = Store(folder / "kept")
    load(points, store, folder)
    given = messages(count, seed, points.codes())
    report = api.check(given, codebooks=store.folder, select=["KP"])
    expected = {
        (check, f"{message['input']['setlinfo']['setl_id']}/{sn}"): excess
        for message in given
        for (check, sn), excess in naive(message, points).items()
    }
    return report, given, judged(report.findings.iter_rows(named=True), given), expected


def main(count: int) -> int:
    """Both readings of the state's points on many stays."""
    with tempfile.TemporaryDirectory() as folder:
        _, given, found, expected = both(published(), count, 1, Path(folder))
    lines = sum(len(each["input"]["feedetail"]) for each in given)
    differing = {key for key in found.keys() | expected.keys() if found.get(key) != expected.get(key)}
    fen = sum(money or 0 for _, money in found.values())
    by_check = {check: sum(key[0] == check for key in found) for check in sorted({key[0] for key in found})}
    about = f"{len(found)} findings, {fen / 100:,.2f} yuan, {len(differing)} differences"
    sys.stdout.write(f"{count} stays, {lines} lines: {about}\n{by_check}\n")
    sys.stdout.writelines(
        f"{key}: {found.get(key)} here, {expected.get(key)} there\n" for key in sorted(differing)[:20]
    )
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000))
