"""What a month of deliveries needs; tests/intake/test_month.py reads one."""

from pathlib import Path

import pytest

from validator.base.errors import InputError
from validator.generate import month


def test_what_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a.txt").write_text("a", encoding="utf-8")
    for to, cases in ((tmp_path / "x", 59), (tmp_path / "full", 72)):
        with pytest.raises(InputError):
            month.write(to, 5, cases)


def test_twelve_hospitals_each_do_something() -> None:
    assert len({each.code for each in month.hospitals()}) == 12
    assert {each.kind for each in month.hospitals()} >= {
        "late",
        "missing",
        "held",
        "parts",
        "corrected",
        "justified",
        "withdrawn",
    }
