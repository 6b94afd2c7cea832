"""A report over a made-up month of one hospital, the same on every run: what the golden outputs are made from."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b

import polars as pl

from validator.base.language import Lang
from validator.checks.case_rows import CASES, OUTCOMES
from validator.checks.excess_sums import EXCESS
from validator.checks.findings import SCHEMA
from validator.report.common.view import RowsOfFrames
from validator.spec.catalogue import Check

FILE = "2026年7月清单.xlsx"
SHEETS = {"setlinfo": "结算清单", "diseinfo": "诊断", "oprninfo": "手术"}
#: Fields of each sheet; the place in the list gives the column letter.
FIELDS = {
    "setlinfo": [
        "setl_id", "psn_name", "gend", "brdy", "age", "adm_time", "dscg_time", "act_ipt_days", "dscg_caty",
        "chfpdr_name", "coner_tel", "curr_addr",
    ],
    "diseinfo": ["setl_id", "diag_type", "maindiag_flag", "diag_code", "diag_name", "adm_cond_type"],
    "oprninfo": ["setl_id", "oprn_oprt_name", "oprn_oprt_code", "oprn_oprt_begntime", "oper_dr_name", "anst_way"],
}  # fmt: skip
DEPARTMENTS = [("A04", "外科"), ("A05.02", "产科专业"), ("A03.05", "心血管内科专业")]
PHYSICIANS = ["王**", "李**", "赵**", "陈*"]
CASE_COUNT = 24


#: Id; kind, level, table, field; title and message; fix; the same in English.
_CHECKS = """
setlinfo.gend/required | 完整性 error setlinfo gend
 性别：必填 | “性别”没有填 | 填性别代码：1 男、2 女
 Sex: required | Sex is blank | Fill in the code: 1 male, 2 female
setlinfo.brdy/type | 规范性 error setlinfo brdy
 出生日期：应是日期 | “出生日期”填的是“{value}”，不是日期 | 写成 2026-07-01 的样子
 Date of birth: a date | {value} is no date | Write it as 2026-07-01
setlinfo.coner_tel/pattern | 规范性 warning setlinfo coner_tel
 联系人电话：号码形式 | “联系人电话”填的是“{value}”，不像电话号码 | 填 11 位手机号，或区号加座机号
 Contact phone: form | {value} looks like no phone number | Give the 11-digit mobile number
setlinfo.curr_addr/format | 规范性 info setlinfo curr_addr
 现住址：书写形式 | “现住址”前后有空格 | 删去空格
 Address: form | The address has blanks around it | Delete the blanks
DX101 | 编码 error diseinfo diag_code drg dip
 主要诊断不应是外因编码 | 主要诊断“{value}”是外因编码（V01–Y98） | 把损伤或疾病本身列为主要诊断，外因列为其他诊断
 External cause as principal diagnosis | {value} is an external cause | Make the injury itself the principal diagnosis
DX107 | 一致性 error diseinfo diag_code drg dip
 诊断与性别不符 | 诊断“{value}”只用于女性，而性别是“男” | 核对性别与诊断编码，改错的一项
 Diagnosis contradicts sex | {value} is for women, and the sex is male | Correct the sex or the code
DX131 | 疑点 warning diseinfo diag_name
 主要诊断过于笼统 | 主要诊断“{value}”过于笼统 | 有更具体的编码时换用
 Unspecific principal diagnosis | {value} says little | Use a more specific code
OP204 | 一致性 error oprninfo oprn_oprt_begntime
 手术操作时间应在住院期间内 | 手术时间 {value} 不在住院期间 | 对照手术记录单更正手术时间，或更正入、出院时间
 Procedure outside the stay | {value} is not within the stay | Correct the time of the procedure or of the stay
LOS101 | 一致性 warning setlinfo act_ipt_days
 实际住院天数与入出院时间不符 | 实际住院天数填 {value}，按入、出院时间应为 6 | 按出院日期减入院日期计算，当天出入院为 1
 Days differ from dates | {value} days are given, the dates say 6 | Take the date of admission from that of discharge
read/unknown-field | 规范性 info setlinfo -
 不认识的列 | 列“{value}”不是清单的字段 | 若是字段，改用标准列名；否则不必理会
 Unknown column | Column {value} is no field of the list | Rename it if it is a field
FEE101 | 一致性 error iteminfo amt
 收费项目合计应等于总费用 | 合计与总费用不等 | 核对收费项目
 Charges add up to the total | The sum differs | Compare the charges
TM101 | 及时性 warning setlinfo dcla_time
 出院后 10 日内上传 | 上传晚了 | 及时上传
 Uploaded within 10 days | Uploaded late | Upload in time
"""


def _checks() -> Iterator[Check]:
    lines = _CHECKS.strip().splitlines()
    for head, zh, en in zip(lines[::3], lines[1::3], lines[2::3], strict=True):
        name, _, about = head.partition(" | ")
        kind, level, table, column, *blocks = about.split()
        texts = dict(zip(("title", "message", "fix"), zh.strip().split(" | "), strict=True))
        texts |= dict(zip(("title_en", "message_en", "fix_en"), en.strip().split(" | "), strict=True))
        yield Check(name, kind, level, table, column.strip("-"), texts, "sample", blocks=tuple(blocks))


CHECKS = list(_checks())
#: Check, cases it fails in, and the value stated.
FAULTS = [
    ("setlinfo.gend/required", (2, 9, 16), None),
    ("setlinfo.brdy/type", (2,), "1961-02-30"),
    ("setlinfo.coner_tel/pattern", (0, 1, 2, 5, 8, 13, 21), "13*****"),
    ("setlinfo.curr_addr/format", (3, 4), " 示例市示例路 "),
    ("DX101", (5, 17), "W01.000"),
    ("DX107", (5, 9, 10, 20), "O80.000"),
    ("DX131", (7, 8, 11, 12, 13, 14, 15, 18), "未特指的疾病"),
    ("OP204", (5, 6), "2026-07-30 10:00:00"),
    ("LOS101", (5, 19), "7"),
]
#: Check -> the value to write instead, and how far it can be trusted.
SUGGESTED = {"setlinfo.curr_addr/format": ("示例市示例路", "safe"), "DX131": ("病毒性肠炎", "judge")}


@dataclass
class SampleReport(RowsOfFrames):
    """What ``validator.api.Report`` offers its writers, with frames made here."""

    lang: Lang = "zh"
    inputs: list[str] = field(default_factory=lambda: [FILE])
    profile: str = "national"
    masked: bool = True
    started: datetime = datetime(2026, 8, 1, 9, 30, tzinfo=UTC)
    without: list[str] = field(default_factory=list)
    layouts: list[str] = field(default_factory=lambda: ["4101A"])
    sources: tuple[()] = ()
    fixed: None = None
    ungrouped: None = None
    verdict: None = None
    excess: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=EXCESS))

    @property
    def documents(self) -> dict[str, dict[str, str]]:
        return {"sample": {"title": "示例规范"}}

    @property
    def joined(self) -> dict[str, int]:
        return {}

    @property
    def checks(self) -> dict[str, Check]:
        return {check.id: check for check in CHECKS}

    def iter_findings(self) -> Iterator[pl.DataFrame]:
        """In two parts, as a large run would give them."""
        found = pl.DataFrame(
            [row for case in range(CASE_COUNT) for row in self._of(case)] + self._notes(), schema=SCHEMA
        )
        ids = found["case_id"].unique(maintain_order=True).to_list()
        first = pl.col("case_id").is_in(ids[:8])
        yield found.filter(first)
        yield found.filter(~first.fill_null(value=False))

    @property
    def findings(self) -> pl.DataFrame:
        return pl.concat(self.iter_findings())

    def _of(self, case: int) -> list[dict[str, object]]:
        return [self._finding(name, case, value) for name, cases, value in FAULTS if case in cases]

    def _finding(self, name: str, case: int, value: str | None) -> dict[str, object]:
        check = self.checks[name]
        column = chr(65 + FIELDS[check.table].index(check.field))
        place = {"sheet": SHEETS[check.table], "row": case + 3, "column": column}
        about = {"case_id": case_id(case), "table": check.table, "row": 1, "field": check.field}
        return self._worded(check, value, place) | about

    def _notes(self) -> list[dict[str, object]]:
        """What concerns no case: a column, and something that has no place at all."""
        check = self.checks["read/unknown-field"]
        about = {"case_id": None, "table": "setlinfo", "row": None, "field": "备注"}
        column = {"sheet": SHEETS["setlinfo"], "row": None, "column": "M"}
        nowhere = {"file": None, "sheet": None, "row": None, "column": None}
        return [self._worded(check, "备注", place) | about for place in (column, nowhere)]

    def _worded(self, check: Check, value: str | None, place: dict[str, object]) -> dict[str, object]:
        return {
            "check": check.id,
            "level": check.level,
            "value": value,
            "message": check.message(self.lang).format(value=value or "（空）"),
            "fix": check.fix(self.lang),
            **dict(zip(("suggested", "applicability"), SUGGESTED.get(check.id, (None, None)), strict=True)),
            "source": {"file": self.inputs[0], "path": None} | place,
            "fingerprint": blake2b(f"{check.id} {place}".encode(), digest_size=8).hexdigest(),
        }

    @property
    def outcomes(self) -> pl.DataFrame:
        return pl.DataFrame(
            [self._outcome(check) for check in CHECKS if "read/" not in check.id], schema=OUTCOMES, orient="row"
        )

    def _outcome(self, check: Check) -> tuple[object, ...]:
        head = (check.id, check.title(self.lang), check.level, check.kind, check.table, check.field)
        failed = sum(len(cases) for name, cases, _ in FAULTS if name == check.id)
        if check.id == "FEE101":
            why = "没有这张表的数据" if self.lang == "zh" else "no data for this table"
            return (*head, *[0] * 5, "not_run", why)
        if check.id == "TM101":
            return (*head, CASE_COUNT, 0, 0, 0, CASE_COUNT, "ran", None)
        away = 15 if check.id == "DX107" else 0
        unjudged = 3 if check.id == "DX107" else 0
        return (*head, CASE_COUNT, CASE_COUNT - failed - away - unjudged, failed, away, unjudged, "ran", None)

    @property
    def cases(self) -> pl.DataFrame:
        return pl.DataFrame([self._case(number) for number in range(CASE_COUNT)], schema=CASES)

    def _case(self, number: int) -> dict[str, object]:
        levels = [str(row["level"]) for row in self._of(number)]
        code, name = DEPARTMENTS[number % 3]
        end = "return" if "error" in levels else "accept_with_warnings" if "warning" in levels else "accept"
        return {
            "case_id": case_id(number),
            "record_number": f"B{number + 1:05}",
            "file": self.inputs[0],
            "layout": "4101A",
            "department": code,
            "department_name": name,
            "physician": PHYSICIANS[number % 4],
            "coder": "钱*",
            "discharged": date(2026, 7, 1) + timedelta(days=number),
            **{f"{level}s": levels.count(level) for level in ("error", "warning", "info")},
            "disposition": end,
        }


def case_id(number: int) -> str:
    return f"ST2607{number + 1:04}"
