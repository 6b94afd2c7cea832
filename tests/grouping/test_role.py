"""What a code does in a scheme, and that ``zhikong code`` shows it where one is loaded."""

from pathlib import Path

import pytest

from tests.grouping import scheme as tiny
from validator.codes.explain import explain
from validator.codes.tables import Store
from validator.grouping.role import role, roles


@pytest.mark.parametrize(
    ("code", "zh"),
    [
        ("K80.101", "可作主要诊断：MDCH"),
        ("J96.000", "作主要诊断不能入组；作其他诊断是 MCC，被 1 个主要诊断排除"),
        ("K81.000", "可作主要诊断：MDCH；作其他诊断是 CC，被 3 个主要诊断排除"),
        ("Z53.900", "作主要诊断不能入组"),
        ("51.2300", "算作手术病例；ADRG：HC1"),
        ("60.2901", "算作手术病例"),
        ("96.7101", "不算作手术病例"),
        ("99.2500", "不参加分组"),
        ("Q99.900", "方案里没有这个编码"),
    ],
)
def test_role(code: str, zh: str):
    assert role(tiny.scheme(), code)[0] == zh


def test_explain_shows_it(tmp_path: Path):
    store = Store(tmp_path)
    tiny.keep(store)
    remarks = [
        remark.zh for reading in explain("K80.101", store=store, roles=roles).readings for remark in reading.remarks
    ]
    assert "分组（mini-1.0）：可作主要诊断：MDCH" in remarks
    assert not any(
        "分组" in remark.zh
        for reading in explain("A01.01.01", store=store, roles=roles).readings
        for remark in reading.remarks
    )
