"""What a scoring writes and says: the workbook recomputed by a formula library, intervals, what-if, differences, appeals."""

import json
import shutil
import subprocess
from datetime import date
from fractions import Fraction
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import openpyxl
import polars as pl
import pytest
from click.testing import CliRunner
from openpyxl.utils import get_column_letter, range_boundaries

from validator import score
from validator.base.errors import InputError
from validator.cli.app import App
from validator.scoring.scheme import intervals
from validator.scoring.scheme.improvement import improvements
from validator.scoring.scheme.report import manifest, write

F = Fraction
#: By hospital: every indicator of both examples, as numerator and denominator.
SHARES = {
    "complete_cases": 94, "grouping_complete_cells": 97, "passed": 91, "accurate_principal_diagnosis": 95, "grouping_rate": 93,
    "readmission": 7, "high_cost": 6, "dip_compliance": 97, "dip_against_high": 99,
}  # fmt: skip
OTHERS = {
    "low_risk_deaths": (1, 80), "cmi_all": (105, 100), "cost_index": (110, 100), "time_index": ("102.5", 100),
    "visits_per_person": (100, 80), "own_share": ("152000.55", 1_000_000), "groups": (60, 100), "stays": (100, 100), "feedback": (1, 100),
}  # fmt: skip
CODES = [f"H{n}" for n in range(5)]


@pytest.fixture
def given(tmp_path):
    """The files of a scoring of five hospitals; H0 is the best, H3 lacks a figure, H4 is a fraud."""

    def rows(off):
        for n, code in enumerate(CODES):
            for name, share in SHARES.items():
                worse = n if name in ("readmission", "high_cost") else -n
                if (n, name) != (3, "grouping_rate"):
                    yield f"{code},{name},{share + worse - off},100"
            for name, (top, bottom) in OTHERS.items():
                yield f"{code},{name},{top},{bottom}"

    head = "hospital,measure,numerator,denominator"
    (tmp_path / "values.csv").write_text("\n".join([head, *rows(0)]), encoding="utf-8")
    (tmp_path / "last.csv").write_text("\n".join([head, *rows(2)]), encoding="utf-8")
    marks = {
        "violations": 2, "fraud": 0, "satisfaction": "3.25", "monthly_yuan": 1000, "clearing_yuan": 9000, "budget_yuan": 80_000,
        "violating_yuan": "123.45",
    }  # fmt: skip
    lines = [f"*,{name},{value},张三,2027-01-15,考核组纪要" for name, value in marks.items()]
    lines.append("H4,fraud,1,李四,2027-01-16,=处罚决定书")
    (tmp_path / "marks.csv").write_text(
        "\n".join(["hospital,item,value,author,date,evidence", *lines]), encoding="utf-8"
    )
    (tmp_path / "hospitals.csv").write_text(
        "\n".join(["hospital,name,level,type", *(f"{code},{code} 医院,3,综合" for code in CODES)]), encoding="utf-8"
    )
    return tmp_path


def scored(folder, scheme="wuhan-dip", **more):
    files = {name: folder / f"{name}.csv" for name in ("marks", "hospitals", "last")}
    if scheme != "wuhan-dip":
        del files["marks"]
    return score(scheme=scheme, period="2026", **{"table": folder / "values.csv", **files, **more})


def test_a_whole_sheet_by_hand(given):
    """H1 by hand, line by line, of the points and targets in schemas/scoring/schemes/wuhan-dip.yaml."""
    sheet = {each.hospital.code: each for each in scored(given).sheets}["H1"]
    by_hand = {
        "stays_kept": 5,  # 100 stays as last year
        "groups_of_cases": 5,  # all have 60 groups: alike, the best place
        "complete": 6 - F("0.5") * 5,  # 93 %, five whole points under 98 %
        "qualified": 8 * F(90 - 60, 95 - 60),
        "grouped": 6 - 3,  # 92 %, three points under 95 %
        "time": 10 * (F("1.025") - F("1.5")) / (1 - F("1.5")),
        "readmitted": 9 * F(8 - 15, 5 - 15),
        "deaths": 6 - 2,
        "cost": 10 * (F("1.1") - F("1.5")) / (1 - F("1.5")),
        "high_cost_cases": 3,  # 7 %
        "compliance": 6 * F(96 - 80, 98 - 80),
        "against_high": 4,
        "violations": 8,
        "own_expense": 6 * (F("0.15200055") - F("0.3")) / (F("0.1") - F("0.3")),
        "satisfaction": F("3.25"),
        "better_data": 3 * F(2, 5),  # 90 % after 88 %
        "pilots": 0,  # nobody marked it
        "fraud": 0,
    }  # fmt: skip
    assert {each.item.id: each.points for each in sheet.items} == by_hand
    assert sheet.total == sum(by_hand.values())
    assert (sheet.lowest, sheet.highest) == (sheet.total, sheet.total + 2)  # pilots may bring 2
    share = F("0.95") + F("0.05") * (sheet.total - 80) / 10
    assert sheet.payments[1].paid == 9000 * share - F("123.45")


def _recomputed(sheet):
    """Cell -> value of each formula of a sheet, by the formula library."""
    formulas = pytest.importorskip("formulas")
    parser, known = formulas.Parser(), {}

    def value(place):
        if place not in known:
            held = sheet[place].value
            known[place] = (
                calculated(held) if isinstance(held, str) and held.startswith("=") else 0 if held is None else held
            )
        return known[place]

    def calculated(text):
        function, arguments = parser.ast(text)[1].compile(), []
        for name in function.inputs:
            left, top, right, bottom = range_boundaries(name.rpartition("!")[2])
            cells = [
                [value(f"{get_column_letter(at)}{row}") for at in range(left, right + 1)]
                for row in range(top, bottom + 1)
            ]
            arguments.append(cells[0][0] if (left, top) == (right, bottom) else np.array(cells, dtype=object))
        return np.asarray(function(*arguments)).ravel()[0]

    cells = [
        cell for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str) and cell.value.startswith("=")
    ]
    return {cell.coordinate: value(cell.coordinate) for cell in cells}


def test_the_workbook_recomputes_to_what_it_shows(given):
    """Live formulas: two sheets of one table, one of the other, whose missing marks are scaled up."""
    for scheme, titles in (("wuhan-dip", ["H3 医院", "H4 医院"]), ("zhejiang-drg", ["H0 医院"])):
        write(scored(given, scheme), given / scheme)
        path = given / scheme / "scores.xlsx"
        book, shown = openpyxl.load_workbook(path), openpyxl.load_workbook(path, data_only=True)
        assert book.sheetnames[0] == "总表"
        for title in titles:
            found = _recomputed(book[title])
            assert len(found) > 40
            for place, value in found.items():
                seen = shown[title][place].value
                assert value == seen if isinstance(seen, str) else float(value) == pytest.approx(seen, abs=1e-9), (
                    title,
                    place,
                )


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_libreoffice_shows_the_same(given):
    write(scored(given), given / "out")
    profile = f"-env:UserInstallation=file://{given / 'office'}"
    command = [
        "soffice",
        profile,
        "--headless",
        "--convert-to",
        "xlsx:Calc MS Excel 2007 XML",
        "--outdir",
        str(given / "again"),
        str(given / "out/scores.xlsx"),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    ours, theirs = (
        openpyxl.load_workbook(given / folder / "scores.xlsx", data_only=True) for folder in ("out", "again")
    )
    for one, two in zip(ours["H1 医院"].iter_rows(), theirs["H1 医院"].iter_rows(), strict=False):
        for mine, other in zip(one, two, strict=False):
            if isinstance(mine.value, float):
                assert other.value == pytest.approx(mine.value, abs=1e-9), mine.coordinate


def test_the_same_run_gives_the_same_bytes_and_a_change_shows(given):
    pytest.importorskip("cryptography", reason="needs the extra service")
    key = given / "signing.key"
    files = write(scored(given), given / "one", key)
    again = write(scored(given), given / "two", key)
    assert [each.read_bytes() for each in files] == [each.read_bytes() for each in again]
    assert manifest.verify(given / "one") == []
    text = json.loads((given / "one/manifest.json").read_text(encoding="utf-8"))
    assert {*text["inputs"]} == {"measures", "marks", "hospitals", "last"}
    (given / "one/scores.html").write_text("…", encoding="utf-8")
    assert manifest.verify(given / "one") == ["scores.html"]
    (given / "two/manifest.json").write_text(json.dumps(text | {"hospitals": 6}), encoding="utf-8")
    assert manifest.verify(given / "two") == ["manifest.json"]
    with pytest.raises(InputError, match=r"manifest\.json"):
        manifest.verify(given)


def test_page_and_frames_say_how_each_point_came_about(given):
    write(scored(given), given / "out")
    page = (given / "out/scores.html").read_text(encoding="utf-8")
    for words in ("6 − 0.5 × 4（差 4%，每档 1%）", "不是官方评分表", "李四 2027-01-16：=处罚决定书", "总分为 0"):
        assert words in page
    items = pl.read_parquet(given / "out/items.parquet").filter(hospital="H3", item="grouped")
    assert items.select("points", "missing", "words").row(0) == (
        None,
        "没有这个指标",
        "没有这个指标：不计入，其余项目按比例折算",
    )
    scores = pl.read_parquet(given / "out/scores.parquet")
    assert scores.filter(hospital="H4").select("rank", "total", "vetoes").row(0) == (5, 0, ["fraud"])


def test_the_three_improvements_that_bring_most(given):
    found = scored(given)
    best = improvements(found.scheme, found.sheets[0])
    # H0: cost 2 (110 against 100 of 150), readmission 9 × 2/10, grouping 2, deaths 2, violations 2 …: first those named first.
    assert [each.gain for each in best] == [2, 2, 2]
    assert [each.score.item.id for each in best] == ["complete", "grouped", "deaths"]
    assert [(each.to, each.cases) for each in best] == [(F("0.98"), 4), (F("0.95"), 2), (0, 1)]


def test_another_version_of_the_table_shows_what_differs(given):
    own = (Path(scored(given).scheme.path)).read_text(encoding="utf-8")
    other = given / "old.yaml"
    other.write_text(own.replace("{full: 0.95, zero: 0.6}", "{full: 0.9, zero: 0.6}"), encoding="utf-8")
    found = scored(given, against=str(other))
    first = next(each for each in found.changes if each.sheet.hospital.code == "H1")
    assert [(each.title, each.before, each.after) for each in first.items] == [("清单合格率", 8, 8 * F(30, 35))]
    assert first.change == 8 * F(30, 35) - 8
    write(found, given / "out")
    assert pl.read_parquet(given / "out/changes.parquet").filter(hospital="H1", item="清单合格率").height == 1


def test_intervals_of_few_events_and_of_ratios():
    # Garwood's intervals as tables of vital statistics have them.
    known = {0: (0, 3.689), 1: (0.0253, 5.572), 10: (4.795, 18.39), 100: (81.36, 121.6)}
    for cases, limits in known.items():
        assert intervals.poisson(cases) == pytest.approx(limits, rel=1e-3)
    top, one = np.array([1.0, 2.0, 3.0, 4.0] * 25), np.ones(100)
    low, high = intervals.ratio(top, one, "a")
    assert (low, high) == intervals.ratio(top, one, "a")
    spread = 1.96 * float(top.std()) / 10
    assert (low, high) == pytest.approx((2.5 - spread, 2.5 + spread), abs=0.06)
    assert intervals.ratio(np.tile(top, 10), np.ones(1000), "a") == pytest.approx((2.4307, 2.5693), abs=1e-3)
    assert intervals.ratio(top[:1], one[:1], "a") is None


def test_peers_ranks_and_funnel_limits(given):
    rows = {(row["hospital"], row["measure"]): row for row in scored(given).ranked.to_dicts()}
    best = rows["H0", "passed"]
    assert (best["rank"], best["peers"], best["method"]) == (1, 5, "wilson")
    assert best["centre"] == pytest.approx((91 + 90 + 89 + 88 + 87) / 500)
    assert best["high2"] - best["centre"] == pytest.approx(2 * (0.89 * 0.11 / 100) ** 0.5)
    assert (best["first"], best["last"], best["outside"]) == (
        1,
        5,
        None,
    )  # 91 of 100 and 87 of 100: who is better is not known
    assert rows["H0", "readmission"]["rank"] == 1
    assert rows["H4", "readmission"]["rank"] == 5
    assert rows["H2", "low_risk_deaths"]["method"] == "poisson"
    assert rows["H2", "low_risk_deaths"]["high"] == pytest.approx(5.572 / 80, rel=1e-3)


@pytest.fixture
def measured(given):
    """A folder as ``zhikong measure --to`` writes it: the values, and which way each case went."""
    folder = given / "measured"
    folder.mkdir()
    pl.read_csv(given / "values.csv", infer_schema_length=None).with_columns(by=pl.lit("hospital")).write_parquet(
        folder / "measures.parquet"
    )
    ways = pl.DataFrame(
        {
            "hospital": "H1",
            "case_id": [f"c{n}" for n in range(100)],
            "passed": ["no"] * 10 + ["yes"] * 90,
            "readmission": ["yes"] * 8 + ["no"] * 92,
        }
    )
    ways.write_parquet(folder / "cases.parquet")
    return folder


def test_an_appeal_counts_a_case_anew_and_shows_the_difference(given, measured):
    path = given / "rejudged.csv"
    head = "机构编码,病例,指标,改判,认定人,日期,依据"
    path.write_text(
        f"{head}\nH1,c1,passed,计入,王五,2027-02-01,复核\nH1,c2,readmission,不参加,王五,2027-02-01,化疗\nH1,c50,passed,计入,王五,2027-02-01,复核\n",
        encoding="utf-8",
    )
    found = scored(given, table=measured, rejudged=path)
    assert [(each.case_id, each.measure) for each in found.rejudged] == [("c1", "passed"), ("c2", "readmission")]
    assert [each.sheet.hospital.code for each in found.changes] == ["H1"]
    change = {each.title: (each.before, each.after) for each in found.changes[0].items}
    assert change["清单合格率"] == (8 * F(30, 35), 8 * F(31, 35))
    assert change["15 日内再入院率"] == (F("6.3"), 9 * (F(7, 99) - F("0.15")) / F("-0.1"))
    assert found.pointed.filter(item="qualified")["case_id"].to_list() == [f"c{n}" for n in range(10)]
    for row, words in (
        ("H1,c999,passed,计入", "没有病例 c999"),
        ("H1,c1,cmi_all,计入", "不是按病例计"),
        ("H1,c1,passed,通过", "改判应为"),
    ):
        path.write_text(f"{head}\n{row},王五,2027-02-01,复核\n", encoding="utf-8")
        with pytest.raises(InputError, match=words):
            scored(given, table=measured, rejudged=path)
    with pytest.raises(InputError, match="怎么计的"):
        scored(given, rejudged=path)


def test_what_the_ledger_accepted_costs_nothing(given, measured):
    """c1 has one error, accepted; c2 two, one of them open."""
    pytest.importorskip("alembic", reason="needs the extra service")
    from validator.intake.ledger import open_ledger
    from validator.intake.ledger.models import CaseVersion, Decision, Finding, Run, Submission

    ledger = open_ledger(given / "ledger")
    with ledger.writing() as session:
        session.add(Run(id=1, at="", zhikong="", profile="", catalogue="", codebooks=[], schemes=[]))
        session.add(
            Submission(
                id=1,
                digest="",
                hospital="H1",
                period="202601",
                received="",
                names=[],
                whole=True,
                cases=2,
                state="accepted",
                verdict={},
                run=1,
                folder="1",
                files={},
            )
        )
        session.flush()
        for n, states in ((1, ["accepted"]), (2, ["accepted", "open"])):
            version = CaseVersion(
                id=n, hospital="H1", document="list", case_id=f"c{n}", number=1, submission=1, digest=f"{n}", parts="", changed=[],
                standing="current", judged="return", disposition="return", errors=1, warnings=0, period="202601",
            )  # fmt: skip
            session.add(version)
            session.flush()
            for at, state in enumerate(states):
                own = Finding(
                    hospital="H1",
                    document="list",
                    case_id=f"c{n}",
                    fingerprint=f"{n}{at}",
                    check_id="DX101",
                    level="error",
                    table_name="diseinfo",
                    facts={},
                    state=state,
                    first_version=n,
                    last_version=n,
                )
                session.add(own)
                session.flush()
                if state == "accepted":
                    session.add(
                        Decision(
                            at="2027-02-01T09:00:00+08:00", actor="王五", action="accept", reason="属实", finding=own.id
                        )
                    )
    found = scored(given, table=measured, ledger=ledger)
    ledger.close()
    assert [(each.case_id, each.measure, each.author, each.date) for each in found.rejudged] == [
        ("c1", "passed", "王五", date(2027, 2, 1))
    ]
    assert found.given.values["H1"]["passed"].numerator == 91


def test_the_command(given, monkeypatch):
    monkeypatch.setenv("ZHIKONG_LEDGER", str(given / "own"))

    def run(*arguments):
        return CliRunner().invoke(App(), ["score", *arguments])

    files = [part for name in ("marks", "hospitals", "last") for part in (f"--{name}", str(given / f"{name}.csv"))]
    usual = ["--scheme", "wuhan-dip", "--period", "2026", "--measures", str(given / "values.csv"), *files]
    shown = run(*usual, "--to", str(given / "out"))
    assert shown.exit_code == 0, shown.output
    assert "H0 医院" in shown.output
    assert "不是官方评分表" in shown.output
    checked = run("--verify", str(given / "out"))
    assert (checked.exit_code, checked.output) == (0, "文件与清单相符\n")
    (given / "out/scores.html").unlink()
    assert run("--verify", str(given / "out")).exit_code == 1
    wrong = run("--scheme", "wuhan", "--period", "2026", "--measures", str(given / "values.csv"))
    assert wrong.exit_code == 2
    assert "wuhan-dip" in wrong.output
    neither = run("--scheme", "wuhan-dip", "--period", "2026")
    assert neither.exit_code == 2
    assert "--measures" in neither.output


def test_a_person_in_the_place_of_a_hospital_is_shown_nowhere(given, measured):
    """A column shifted by one: numbers and names stand where hospitals and cases should; they still find each other."""
    phone, number, name = "13987650021", "110105198003070029", "欧阳隐测"
    for path in given.glob("*.csv"):
        text = path.read_text(encoding="utf-8").replace("H1,", f"{phone},").replace("H2 医院", name)
        path.write_text(text.replace("考核组纪要", f"考核组纪要，{number}"), encoding="utf-8")
    values = pl.read_csv(given / "values.csv", infer_schema_length=None).with_columns(by=pl.lit("hospital"))
    values.write_parquet(measured / "measures.parquet")
    ways = pl.read_parquet(measured / "cases.parquet").with_columns(hospital=pl.lit(phone))
    ways.with_columns(case_id=pl.col("case_id").replace("c1", number)).write_parquet(measured / "cases.parquet")
    (given / "rejudged.csv").write_text(
        f"机构编码,病例,指标,改判,认定人,日期,依据\n{phone},{number},passed,计入,王五,2027-02-01,{phone}复核\n",
        encoding="utf-8",
    )
    files = [
        part
        for option in ("marks", "hospitals", "last", "rejudged")
        for part in (f"--{option}", str(given / f"{option}.csv"))
    ]
    done = ["score", "--scheme", "wuhan-dip", "--period", "2026", "--measures", str(measured), *files]
    ended = CliRunner().invoke(App(), [*done, "--to", str(given / "out")])
    assert ended.exit_code == 0, ended.output
    shown = ended.output.encode()
    for path in (given / "out").iterdir():
        match path.suffix:
            case ".xlsx":
                with ZipFile(path) as book:
                    shown += b"".join(book.read(each) for each in book.namelist())
            case ".parquet":
                shown += pl.read_parquet(path).write_ndjson().encode()
            case _:
                shown += path.read_bytes()
    assert b"139******21" in shown
    assert not [text for text in (phone, number, name) if text.encode() in shown]
    (measured / "cases.parquet").write_bytes(b"PAR1 cut off")
    assert "cases.parquet：不是完好的 Parquet 文件" in CliRunner().invoke(App(), done).output
