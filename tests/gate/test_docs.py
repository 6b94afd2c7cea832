"""The protocol of a batch: one page that shows whole without a network and tells nothing of a person."""

import re
from html.parser import HTMLParser

import pytest

from tests.gate.batch import batch, between, message, needs_extra, report
from validator import gate
from validator.base import language
from validator.spec import layouts

pytestmark = needs_extra
VOID = {"meta", "br"}


class Outline(HTMLParser):
    """Checks that every element is closed, and keeps elements, and attributes that could load something."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.loads: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        self.loads += [
            (name, value) for name, value in attrs if name in ("src", "href", "srcset", "data", "action", "poster")
        ]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture
def page(tmp_path):
    gate.judge(batch(3, faulty=1), "default", out=tmp_path / "docs")
    return (tmp_path / "docs" / "index.html").read_text(encoding="utf-8")


def test_the_page_loads_nothing(page):
    outline = Outline()
    outline.feed(page)
    assert outline.open == []
    assert outline.loads == []
    assert not outline.seen & {"script", "link", "img", "iframe", "object", "embed", "base"}
    assert not re.search(r"https?:|url\(|@import|//[a-z]", page)
    assert "default-src 'none'" in page


def test_the_page_tells_verdict_demands_and_metrics(page):
    assert "退回整批" in page
    assert "出错病例的占比在容许范围内：≤ 1%" in page
    assert "33.33% (1 / 3)" in page
    assert "没有申报的病例数" in page
    assert all(word in page for word in ("通过 ", "不通过 ", "未判定 ", "示例"))
    assert page.count("<small>") == len(gate.metrics.known())
    assert "great_expectations 1." in page


def test_the_page_holds_nothing_of_a_case_or_person(tmp_path):
    one = message(1, gend="7", psn_name="欧阳某某")
    gate.judge(report(one), "default", out=tmp_path)
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    rows = layouts.load()["4101"].tables["setlinfo"].fields.values()
    values = [one["input"]["setlinfo"].get(row.field) for row in rows if row.personal]
    assert [value for value in values if value and str(value) in page] == []
    assert "张三" not in page
    assert "S1" not in page


def test_notes_are_text_not_markup(tmp_path, suite):
    path = suite(between("cases", low=1, meta={"notes": "<b>粗</b> & $cases"}), notes="<i>斜</i>")
    gate.judge(batch(1), path, out=tmp_path)
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;粗&lt;/b&gt; &amp; $cases" in page
    assert "&lt;i&gt;斜" in page
    assert "<b>粗" not in page


def test_the_page_speaks_english(tmp_path):
    language.use("en")
    checked = batch(1)
    gate.judge(checked, "default", out=tmp_path)
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "Batch accepted" in page
    assert not re.search(r"[\u4e00-\u9fff]", page)
