"""Receiving: idempotent, in versions, and with the findings of ``zhikong check``."""

import zipfile
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

pytest.importorskip("alembic", reason="needs the extra service")
pytest.importorskip("validator.gate.gx", reason="needs the extra service")
from sqlalchemy import select

from tests.grouping import scheme
from tests.intake.deliveries import HOSPITAL, a_list, as_file
from validator import api, generate
from validator.base.errors import InputError
from validator.cli.app import App
from validator.codes.tables import Store
from validator.grouping.grouper import group
from validator.intake import content, judging
from validator.intake.ledger import Ledger
from validator.intake.ledger.models import CaseVersion, Finding, Job, Submission
from validator.intake.options import Options
from validator.intake.receive import receive
from validator.read.given import Given


def versions(ledger: Ledger) -> list[tuple[str, int, str, str]]:
    with ledger.reading() as session:
        rows = session.execute(select(CaseVersion).order_by(CaseVersion.case_id, CaseVersion.number)).scalars()
        return [(each.case_id, each.number, each.standing, each.disposition) for each in rows]


def findings(ledger: Ledger, case: str) -> dict[str, str]:
    with ledger.reading() as session:
        rows = session.execute(select(Finding).where(Finding.case_id == case)).scalars()
        return {each.check_id: each.state for each in rows}


def folder_of(ledger: Ledger, submission: int) -> Path:
    with ledger.reading() as session:
        found = session.get(Submission, submission)
        assert found
        return ledger.frames / found.folder


def test_the_same_lists_again_are_one_submission_and_changed_ones_new_versions(ledger: Ledger, tmp_path: Path) -> None:
    wrong = as_file(tmp_path / "a.jsonl", a_list(1), a_list(2, gend=""), a_list(3))
    first = receive(ledger, [wrong])
    assert (first.again, first.state, first.counts) == (False, "accepted", {"accept": 2, "return": 1})

    turned = as_file(tmp_path / "b.jsonl", a_list(3), a_list(1), a_list(2, gend=""))
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.write(turned, "month/lists.jsonl")
    for path in (turned, tmp_path / "c.zip"):
        again = receive(ledger, [path])
        assert (again.again, again.submission, again.counts) == (True, first.submission, first.counts)
    assert receive(ledger, turned.read_bytes(), name="d.jsonl").again

    right = receive(ledger, [as_file(tmp_path / "e.jsonl", a_list(2), a_list(3))])
    assert (right.again, right.counts) == (False, {"accept": 1, "unchanged": 1})
    assert versions(ledger) == [
        ("S0001", 1, "current", "accept"),
        ("S0002", 1, "superseded", "return"),
        ("S0002", 2, "current", "accept"),
        ("S0003", 1, "current", "accept"),
    ]
    assert findings(ledger, "S0002") == {"setlinfo.gend/required": "corrected"}
    with ledger.reading() as session:
        last = session.execute(select(CaseVersion).where(CaseVersion.number == 2)).scalar_one()
        assert (last.changed, last.hospital, last.period) == (["setlinfo"], HOSPITAL, "202607")
    assert not [*ledger.inbox.iterdir(), *ledger.staging.iterdir()]
    assert len(list(ledger.frames.iterdir())) == 2

    broken = receive(ledger, [as_file(tmp_path / "f.jsonl", a_list(2, gend=""))])  # as it was at first: a third version
    assert not broken.again
    assert versions(ledger)[2:4] == [("S0002", 2, "superseded", "accept"), ("S0002", 3, "current", "return")]
    assert findings(ledger, "S0002") == {"setlinfo.gend/required": "open"}


def test_the_order_of_rows_is_content_and_packing_is_not(tmp_path: Path) -> None:
    catalogue = api.load()
    found = set()
    for form in ("csv", "4101", "xlsx", "wide"):
        generate.write(3, 3, 0.5, tmp_path / form, form)
        parts, _ = Given(tmp_path / form).partitions(catalogue)
        found.add(content.together(pl.concat(content.of_partition(part) for part in parts)["digest"]))
    assert len(found) == 1
    turned = a_list(1)
    turned["input"]["diseinfo"].reverse()
    digests = []
    for message in (a_list(1), turned):
        parts, _ = Given(message).partitions(catalogue)
        digests += [content.of_partition(part)["digest"][0] for part in parts]
    assert digests[0] != digests[1]


def test_findings_and_sets_are_those_of_a_check(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lists = [a_list(1, gend=""), a_list(2, age=300), a_list(3, strange="1")]
    for each, code in zip(lists, ("K80.101", "J18.900", "C34.900"), strict=True):
        each["input"]["diseinfo"][0]["diag_code"] = code
    scheme.keep(Store(tmp_path / "codebooks"))
    made = receive(ledger, [as_file(tmp_path / "a.jsonl", *lists)], Options(codebooks=str(tmp_path / "codebooks")))
    report = api.check("a.jsonl", codebooks=tmp_path / "codebooks")
    report.write(tmp_path / "own.parquet")
    folder = folder_of(ledger, made.submission)
    assert pl.read_parquet(folder / "findings.parquet").equals(pl.read_parquet(tmp_path / "own.parquet"))
    own = report.findings
    for name, cases in (("accepted", ["S0003"]), ("returned", ["S0001", "S0002"])):
        part = api.check(folder / name / "4101")
        assert part.cases["case_id"].to_list() == cases
        assert set(part.findings["fingerprint"]) == set(own.filter(pl.col("case_id").is_in(cases))["fingerprint"])
    with ledger.reading() as session:
        submission = session.get(Submission, made.submission)
        assert submission
        assert judging.hashes(folder) == submission.files
        known = select(CaseVersion.group_status, CaseVersion.group_code).order_by(CaseVersion.case_id)
        groups = group("a.jsonl", codebooks=tmp_path / "codebooks")
        assert session.execute(known).all() == groups.select("status", "drg").rows()
        [rate] = [each for each in submission.verdict["metrics"] if each["metric"] == "grouping_rate"]
        assert (rate["numerator"], rate["denominator"]) == ((groups["status"] == "grouped").sum(), 3)


def test_a_returned_batch_changes_no_case(ledger: Ledger, tmp_path: Path) -> None:
    receive(ledger, [as_file(tmp_path / "a.jsonl", a_list(1, gend=""), a_list(2))])
    before = findings(ledger, "S0001")
    short = receive(ledger, [as_file(tmp_path / "b.jsonl", a_list(1))], Options(declared=2))
    assert short.state == "returned"
    assert versions(ledger) == [
        ("S0001", 1, "current", "return"), ("S0001", 2, "not_taken", "accept"), ("S0002", 1, "current", "accept"),
    ]  # fmt: skip
    assert findings(ledger, "S0001") == before
    refunds = Options(declared=2, refunded=1)  # the count of settlements holds one that was refunded: it has no list
    assert receive(ledger, [as_file(tmp_path / "c.jsonl", a_list(4))], refunds).state == "accepted"


def test_what_cannot_be_read_leaves_nothing_but_that_it_came(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match=r"^a\.json"):
        receive(ledger, [tmp_path / "a.json"])
    with pytest.raises(InputError, match="没有这个文件"):
        receive(ledger, [tmp_path / "none.json"])
    assert versions(ledger) == []
    assert not [*ledger.inbox.iterdir(), *ledger.staging.iterdir()]
    with ledger.reading() as session:
        assert [(each.state, bool(each.error)) for each in session.execute(select(Job)).scalars()] == [("failed", True)]


def test_a_list_of_which_something_was_not_read_is_not_the_whole_one(tmp_path: Path, sqlite: Ledger) -> None:
    for name in ("whole", "part"):
        generate.write(3, 3, 0, tmp_path / name, "csv")
    (tmp_path / "part" / "payinfo.csv").unlink()
    part = receive(sqlite, [tmp_path / "part"], Options(gate="default"))
    assert (part.state, part.counts) == ("returned", {"cannot_be_judged": 3})
    whole = receive(sqlite, [tmp_path / "whole"])
    assert not whole.again
    assert sum(whole.counts.values()) == 3


def test_a_telephone_number_in_the_place_of_a_hospital_is_shown_nowhere(tmp_path: Path) -> None:
    """A column shifted by one, in lists and in the roll: they still find each other, and nobody is shown."""
    phone, shown = "13987650021", ""
    lists = as_file(tmp_path / "lists.jsonl", a_list(1, fixmedins_code=phone, fixmedins_name="欧阳隐测"))
    (tmp_path / "roll.csv").write_text(
        f"机构编码,机构名称,结算ID,结算时间\n{phone},欧阳隐测,S0001,2026-07-18\n", "utf-8"
    )
    own = ["--ledger", str(tmp_path / "ledger")]
    for command in (
        ["receive", str(lists), "--out", str(tmp_path / "out")],
        ["notice", "202607", "--roll", str(tmp_path / "roll.csv"), "--out", str(tmp_path / "out")],
        ["hospitals", str(tmp_path / "roll.csv")],
        ["hospitals"],
        ["status"],
    ):
        ended = CliRunner().invoke(App(), ["intake", *command, *own])
        assert ended.exit_code == 0, ended.output
        shown += ended.output
    for path in (tmp_path / "out").rglob("*.*"):
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                shown += "".join(book.read(each).decode() for each in book.namelist() if each.endswith("xml"))
        else:
            shown += path.read_text("utf-8")
    assert "139******21" in shown
    assert "应有 1" in shown or "欧**" in shown
    assert phone not in shown
    assert "阳隐测" not in shown
    (found,) = (tmp_path / "ledger").rglob("findings.parquet")
    found.write_bytes(found.read_bytes()[:100])
    ended = CliRunner().invoke(App(), ["intake", "notice", "202607", "--out", str(tmp_path / "out"), *own])
    assert (ended.exit_code, "第 1 批的文件 findings.parquet 被改动或缺失；用备份恢复" in ended.output) == (2, True), (
        ended.output
    )
