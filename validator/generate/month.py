"""A month of twelve fictional hospitals as a bureau meets it: late, missing, in parts, sent again, put right, justified, withdrawn.

Below the folder there are the deliveries by day and hospital, the officer's own profile and settlement roll, what the platform
answers, and what should come out of it all (``_truth.csv``).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

import polars as pl

from validator.base.errors import InputError
from validator.base.files import whole_folder
from validator.generate import files, partitions
from validator.generate.plant import TRUTH as TRUTH_OF_CASES
from validator.read.partition import Partition

INTERFACE = "4101"
PERIOD, FIRST, LAST = "202603", date(2026, 3, 1), date(2026, 3, 31)
IN_TIME, AGAIN, LATE = date(2026, 4, 3), date(2026, 4, 10), date(2026, 4, 15)
LEAST = 60  #: cases, five of each hospital
#: One row per settlement and list: what becomes of it by the end of the month. States are those of the intake.
TRUTH = pl.Schema(
    {
        "hospital": pl.String, "case_id": pl.String, "roll": pl.String, "by_first": pl.String, "by_accepted": pl.String,
        "versions": pl.UInt32, "check": pl.String,  # of the fault that was planted; null: none
    }
)  # fmt: skip
PROFILE = """# 燕北市（虚构）的接收口径：次月 12 日前上报，以首次上报为准。
name: yanbei
title_zh: 燕北市（虚构）
title_en: Yanbei (fictional)
base: national
intake:
  deadline: {anchor: settlement, day_of_next_month: 12, counts: first}
  expectation: {least_share: 0.9}
  feedback: {rounds: 2, days: 5, unit: working}
  platform:
    levels: {"1": error, "2": warning}
    results: {"0": passed, "1": failed}
    returned: ["1"]
    grouped: ["1"]
"""
#: The checks that faulty lists fail, in turn, and the field that they lack for it.
_FAULTS = (("setlinfo.gend/required", "gend"), ("setlinfo.dscg_way/required", "dscg_way"))
#: What the platform says of a fault; of one in five it says nothing.
_SENTENCE = "数据校验错误"


@dataclass(frozen=True)
class Hospital:
    """One of the twelve: what it does is in ``kind``."""

    code: str
    name: str
    kind: str
    fmt: str


_KINDS = (
    ("in_time", "xlsx"), ("in_time", "csv"), ("in_time", "4101"), ("late", "xlsx"), ("missing", ""), ("held", "xlsx"),
    ("parts", "csv"), ("corrected", "xlsx"), ("corrected_late", "xlsx"), ("justified", "csv"), ("withdrawn", "4101"),
    ("repeated", "xlsx"),
)  # fmt: skip
_PLACES = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")


def hospitals() -> list[Hospital]:
    """The twelve hospitals."""
    return [
        Hospital(f"H110105010{number:02}", f"燕北市第{place}医院", kind, fmt)
        for number, (place, (kind, fmt)) in enumerate(zip(_PLACES, _KINDS, strict=True), 1)
    ]


class _Chosen(NamedTuple):
    """Some cases of the clean and of the faulty partition, by their row."""

    rows: Sequence[int]
    faulty: bool = False


def write(to: Path, seed: int, cases: int) -> None:
    """Write the month below ``to``, which must be empty: about ``cases`` settlements, as many of each hospital."""
    if cases < LEAST:
        raise InputError(f"一个月至少 {LEAST} 例", f"a month has at least {LEAST} cases")
    with whole_folder(to):
        _Month(to, seed, cases // len(_KINDS)).write()


class _Month:
    def __init__(self, to: Path, seed: int, each: int) -> None:
        self.to, self.each = to, each
        drawn = each * len(_KINDS) * 15  # a twelfth of the year's stays end in the month; some are not taken
        (self.clean, _), *_ = partitions(drawn, seed, size=drawn)
        main = self.clean.tables[self.clean.case]
        self.ids, self.days = main["case_id"].to_list(), main["setl_end_date"].to_list()
        self.month = [row for row, day in enumerate(self.days) if str(FIRST) <= (day or "") <= str(LAST)]
        self.truth = list[tuple[object, ...]]()
        self.roll = list[tuple[object, ...]]()
        self.deliveries = list[tuple[object, ...]]()
        amounts = self.clean.tables["iteminfo"].select("_case", pl.col("amt").cast(pl.Decimal(18, 2)))
        self.totals: Mapping[int, object] = dict(amounts.group_by("_case").agg(pl.col("amt").sum()).iter_rows())

    def write(self) -> None:
        for hospital in hospitals():
            getattr(self, f"_{hospital.kind}")(hospital, [self.month.pop() for _ in range(self.each)])
        self._tables()

    def _in_time(self, hospital: Hospital, rows: list[int]) -> None:
        self._deliver(hospital, IN_TIME, _Chosen(rows))
        self._note(hospital, rows)

    def _late(self, hospital: Hospital, rows: list[int]) -> None:
        self._deliver(hospital, LATE, _Chosen(rows))
        self._note(hospital, rows, first="late", accepted="late")

    def _missing(self, hospital: Hospital, rows: list[int]) -> None:
        self._note(hospital, rows, roll="missing", first="missing", accepted="missing", versions=0)

    def _held(self, hospital: Hospital, rows: list[int]) -> None:
        """It says that all is there and sends three; the whole comes later."""
        self._deliver(hospital, IN_TIME, _Chosen(rows[:3]))
        self._deliver(hospital, AGAIN, _Chosen(rows))
        self._note(hospital, rows)

    def _parts(self, hospital: Hospital, rows: list[int]) -> None:
        half = len(rows) // 2
        self._deliver(hospital, IN_TIME, _Chosen(rows[:half]), whole=False)
        self._deliver(hospital, AGAIN, _Chosen(rows[half:]), whole=False)
        self._note(hospital, rows)

    def _corrected(self, hospital: Hospital, rows: list[int], when: date = AGAIN) -> None:
        """The faulty lists come again, put right."""
        self._deliver(hospital, IN_TIME, _Chosen(rows[:2], faulty=True), _Chosen(rows[2:]))
        self._deliver(hospital, when, _Chosen(rows[:2]), whole=False)
        accepted = "on_time" if when == AGAIN else "late"
        self._note(hospital, rows[:2], accepted=accepted, versions=2, planted=True)
        self._note(hospital, rows[2:])

    def _corrected_late(self, hospital: Hospital, rows: list[int]) -> None:
        self._corrected(hospital, rows, LATE)

    def _justified(self, hospital: Hospital, rows: list[int]) -> None:
        """One fault is justified, the other list stays as it is."""
        self._deliver(hospital, IN_TIME, _Chosen(rows[:2], faulty=True), _Chosen(rows[2:]))
        self._note(hospital, rows[:2], accepted="not_accepted", planted=True)
        self._note(hospital, rows[2:])

    def _withdrawn(self, hospital: Hospital, rows: list[int]) -> None:
        """A settlement is refunded after its list was delivered; another one has a list of another amount."""
        self._deliver(hospital, IN_TIME, _Chosen(rows))
        gone, differing, *rest = rows
        self._note(hospital, [gone], roll="withdrawn", refunded="1")
        self._note(hospital, [differing], roll="differs", add=100)
        self._note(hospital, rest)

    def _repeated(self, hospital: Hospital, rows: list[int]) -> None:
        """The same files come twice, and hold a list without a settlement."""
        for day in (IN_TIME, AGAIN):
            self._deliver(hospital, day, _Chosen(rows))
        extra, *rest = rows
        self.truth.append((hospital.code, self.ids[extra], "extra", None, None, 1, None))
        self._note(hospital, rest)

    def _deliver(self, hospital: Hospital, day: date, *cases: _Chosen, whole: bool = True) -> None:
        folder, count = f"{day}/{hospital.code}", sum(len(each.rows) for each in cases)
        joined = _together([self._part(hospital, each) for each in cases if each.rows])
        nothing = pl.DataFrame(schema=TRUTH_OF_CASES)
        list(files.write([(joined, nothing)], self.to / "deliveries" / folder, hospital.fmt, count, "gb18030"))
        self.deliveries.append(
            (str(day), hospital.code, hospital.name, f"deliveries/{folder}", count, "whole" if whole else "part")
        )

    def _part(self, hospital: Hospital, cases: _Chosen) -> Partition:
        """These cases of the hospital, numbered from 0."""
        source = self.clean
        place = pl.DataFrame({"_case": cases.rows}, schema={"_case": pl.UInt32}).with_row_index("_new")
        tables = {}
        for name, frame in source.tables.items():
            chosen = (
                place.join(frame, on="_case", how="inner", maintain_order="left")
                .drop("_case")
                .rename({"_new": "_case"})
            )
            tables[name] = chosen.select(frame.columns)
        own = {"fixmedins_code": hospital.code, "fixmedins_name": hospital.name}
        main = tables[source.case].with_columns(pl.lit(value).alias(name) for name, value in own.items())
        if cases.faulty:
            turn = pl.int_range(pl.len()) % len(_FAULTS)
            main = main.with_columns(
                pl.when(turn != place).then(field).alias(field) for place, (_, field) in enumerate(_FAULTS)
            )
        return Partition(source.layout, source.case, tables | {source.case: main}, source.sources)

    def _note(
        self, hospital: Hospital, rows: Sequence[int], *, roll: str = "matched", first: str = "on_time",
        accepted: str = "on_time", versions: int = 1, planted: bool = False, refunded: str = "0", add: int = 0,
    ) -> None:  # fmt: skip
        """Settlements of the roll, and what becomes of their lists; ``add``: yuan that the roll has more."""
        for place, row in enumerate(rows):
            case, total = self.ids[row], self.totals[row]
            times = (None, None) if roll == "withdrawn" else (first, accepted)
            self.truth.append(
                (hospital.code, case, roll, *times, versions, _FAULTS[place % len(_FAULTS)][0] if planted else None)
            )
            amount = f"{float(str(total)) + add:.2f}"
            self.roll.append((case, hospital.code, self.days[row], amount, refunded))

    def _tables(self) -> None:
        (self.to / "profile.yaml").write_text(PROFILE, encoding="utf-8")
        pl.DataFrame(self.truth, schema=TRUTH, orient="row").write_csv(self.to / "_truth.csv", include_bom=True)
        heads = ["结算ID", "定点医药机构编号", "结算日期", "医疗费总额", "退费结算标志"]
        roll = pl.DataFrame(self.roll, schema=dict.fromkeys(heads, pl.String), orient="row")
        roll.write_csv(self.to / "roll.csv", include_bom=True)
        columns = {
            "day": pl.String,
            "hospital": pl.String,
            "name": pl.String,
            "folder": pl.String,
            "cases": pl.Int64,
            "declared": pl.String,
        }
        came = pl.DataFrame(self.deliveries, schema=columns, orient="row").sort("day", "hospital")
        came.write_csv(self.to / "deliveries.csv", include_bom=True)
        gone = [row[1] for row in self.truth if row[2] == "withdrawn"]
        back = [{"psn_no": "", "setl_id": case, "stas_type": "0"} for case in gone]
        message = json.dumps({"infno": "4102", "input": {"stastinfo": back}}, ensure_ascii=False)
        (self.to / "4102.json").write_text(message + "\n", encoding="utf-8")
        lines = [json.dumps({"infcode": "0", "output": {"data": self._answers()}}, ensure_ascii=False)]
        lines.append(json.dumps({"infcode": "-1", "inf_refmsgid": "1", "err_msg": "查询超时"}, ensure_ascii=False))
        (self.to / "3607.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def _answers(self) -> list[dict[str, object]]:
        """What the platform answers on every list that came: most planted faults, and one that we do not look for."""
        answers = list[dict[str, object]]()
        for number, (hospital, case, roll, *_, versions, check) in enumerate(self.truth):
            if not versions or roll == "missing":
                continue
            found = []
            if check and number % 5:
                found.append(
                    {
                        "exam_data_fld": dict(_FAULTS)[str(check)],
                        "qltctrl_chkrslt": _SENTENCE,
                        "err_lv": "1",
                        "retn_flag": "1",
                    }
                )
            if number % 37 == 36:
                found.append(
                    {
                        "exam_data_fld": "FUND_PAY_KEY",
                        "qltctrl_chkrslt": "基金校验不通过",
                        "err_lv": "1",
                        "retn_flag": "1",
                    }
                )
            state = "1" if found else "0"
            answers.append(
                {
                    "fixmedins_code": hospital, "setl_ym": PERIOD, "setl_id": case, "qltctrl_rslt": state, "err_lv": "1" if found else "",
                    "retn_flag": state, "qltctrl_ver": "V1", "grp_stas": "0" if found else "1", "detl_list": found,
                }
            )  # fmt: skip
        return answers


def _together(parts: Sequence[Partition]) -> Partition:
    """Partitions of one hospital as one."""
    first, *more = parts
    tables, shift = dict(first.tables), first.tables[first.case].height
    for part in more:
        for name, frame in part.tables.items():
            tables[name] = pl.concat([tables[name], frame.with_columns((pl.col("_case") + shift).cast(pl.UInt32))])
        shift += part.tables[part.case].height
    return Partition(first.layout, first.case, tables, first.sources)
