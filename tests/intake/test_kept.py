"""What is kept: frozen periods, the check of the whole ledger, copies of it; a ledger of an earlier release opens."""

import os
from pathlib import Path

import pytest

pytest.importorskip("alembic", reason="needs the extra service")
pytest.importorskip("validator.gate.gx", reason="needs the extra service")
pytest.importorskip("cryptography", reason="needs the extra service")
from sqlalchemy import text

from tests.intake.deliveries import a_list, as_file
from tests.intake.test_receive import findings, folder_of, versions
from validator.base.errors import InputError
from validator.intake import decisions
from validator.intake.backup import copy
from validator.intake.freeze import freeze
from validator.intake.ledger import Ledger, open_ledger
from validator.intake.receive import receive
from validator.intake.verify import verify


def test_a_frozen_month_stays_and_every_change_shows(ledger: Ledger, tmp_path: Path) -> None:
    made = receive(ledger, [as_file(tmp_path / "a.jsonl", a_list(1, gend=""), a_list(2))])
    manifest = freeze(ledger, "202607", "审核员")
    assert (manifest["cases"], manifest["dispositions"]) == (2, {"return": 1, "accept": 1})
    with pytest.raises(InputError, match="已经冻结"):
        freeze(ledger, "202607", "审核员")
    with pytest.raises(InputError, match="没有现行的病例"):
        freeze(ledger, "202601", "审核员")

    before = findings(ledger, "S0001")
    late = receive(ledger, [as_file(tmp_path / "b.jsonl", a_list(1), a_list(3))])
    assert not late.again
    assert [each[:3] for each in versions(ledger)] == [
        ("S0001", 1, "current"), ("S0001", 2, "shadow"), ("S0002", 1, "current"), ("S0003", 1, "shadow"),
    ]  # fmt: skip
    assert findings(ledger, "S0001") == before
    for decide in (
        lambda: decisions.return_cases(ledger, ["S0002"], "审核员", "晚了"),
        lambda: decisions.decide(ledger, "accept", decisions.Chosen(cases=["S0001"]), "审核员", "晚了"),
        lambda: decisions.return_submission(ledger, made.submission, "审核员", "晚了"),
    ):
        with pytest.raises(InputError, match="已冻结"):
            decide()
    assert verify(ledger) == []

    restored = open_ledger(tmp_path / "copy")
    copy(ledger, restored)
    assert verify(restored) == []
    assert versions(restored) == versions(ledger)
    back = open_ledger(tmp_path / "back")
    copy(restored, back)
    assert receive(back, [tmp_path / "a.jsonl"]).again
    assert not receive(back, [as_file(tmp_path / "c.jsonl", a_list(4))]).again
    with pytest.raises(InputError, match="已有内容"):
        copy(ledger, back)
    restored.close()
    back.close()

    (folder_of(ledger, made.submission) / "findings.parquet").write_bytes(b"x")
    with ledger.writing() as session:
        session.execute(text("UPDATE case_version SET disposition = 'accept' WHERE case_id = 'S0001'"))
    wrong = verify(ledger)
    assert [line.split("：")[0] for line in wrong] == [
        "第 1 批的文件 findings.parquet 被改动或缺失", "202607 的冻结清册与台账不符",
    ]  # fmt: skip
    with ledger.writing() as session:
        session.execute(text("UPDATE frozen_period SET manifest = manifest || ' '"))
    assert "202607 的冻结清册与签名不符" in verify(ledger)


def test_the_signing_key_is_its_owners_alone(sqlite: Ledger, tmp_path: Path) -> None:
    receive(sqlite, [as_file(tmp_path / "a.jsonl", a_list(1))])
    freeze(sqlite, "202607", "审核员")
    if os.name != "nt":
        assert (sqlite.folder / "signing.key").stat().st_mode & 0o077 == 0


def test_a_copy_goes_from_sqlite_to_postgresql(postgres: str, sqlite: Ledger, tmp_path: Path) -> None:
    receive(sqlite, [as_file(tmp_path / "a.jsonl", a_list(1, gend=""), a_list(2))])
    target = open_ledger(tmp_path / "served", postgres)
    copy(sqlite, target)
    assert versions(target) == versions(sqlite)
    assert not receive(target, [as_file(tmp_path / "b.jsonl", a_list(1))]).again
    assert verify(target) == []
    target.close()
