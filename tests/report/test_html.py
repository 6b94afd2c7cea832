import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.report.sample import SampleReport
from validator.api import check
from validator.report import html, write

WILD = Path(__file__).parents[1] / "wild/coder"
VOID = {"meta", "wbr", "input", "br", "link", "img", "line", "rect", "circle", "polyline"}


class Outline(HTMLParser):
    """Checks that every element is closed, and keeps attributes that could load something."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loads: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)
        self.loads += [str(value) for name, value in attrs if name in {"src", "href", "srcset", "data", "action"}]

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag


def page(report, folder):
    return write(report, folder / "a.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_is_well_formed_and_loads_nothing(lang, tmp_path):
    text = page(SampleReport(lang=lang), tmp_path)
    outline = Outline()
    outline.feed(text)
    assert outline.open == []
    assert outline.loads == []
    assert not re.search(r"https?://|url\(|@import", text)


def test_what_the_data_says_is_never_markup(tmp_path):
    class Nasty(SampleReport):
        def iter_findings(self):
            for part in super().iter_findings():
                yield part.with_columns(
                    value=part["value"] + "<script>alert(1)</script>",
                    message=part["message"] + "<img src=x onerror=alert(1)>",
                )

    text = page(Nasty(inputs=['a"><script>x</script>.xlsx']), tmp_path)
    assert text.count("<script>") == 1
    assert "<img" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_denominators_and_reasons_are_there(report, tmp_path):
    text = page(report, tmp_path)
    assert "24" in text
    assert "没有这张表的数据" in text
    row = re.search(r'<td data-label="内容">诊断与性别不符.*?</tr>', text, re.DOTALL)[0]
    assert re.findall(r'<td class="n[^>]*>(\d+)</td>', row) == ["24", "2", "4", "15", "3"]


def test_what_passed_or_did_not_run_has_no_badge(report, tmp_path):
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", page(report, tmp_path).split('id="outcomes"')[1], re.DOTALL)[1:]
    assert len(rows) == report.outcomes.height
    for row in rows:
        failed = re.search(r'data-label="未通过">(\d+)<', row)[1] != "0"
        assert ('<span class="level' in row) == failed


def test_each_check_says_why_and_by_what(tmp_path):
    report = check(WILD / "民族丢零.xlsx", select=["ID", "setlinfo"])
    text = page(check(WILD / "宽表40码.xlsx"), tmp_path)
    assert re.search(r"<dt>为什么</dt><dd>[^<]+</dd>", text)
    assert re.search(r"<dt>依据</dt><dd>[^<]+ · (官方文件|各地通行做法)</dd>", text)
    assert "改一处好 5 处" in page(report, tmp_path)


def test_true_totals_are_reported_when_cases_are_cut(report, tmp_path, monkeypatch):
    monkeypatch.setattr(html, "_MOST_CASES", 3)
    monkeypatch.setattr(html, "_MOST_FINDINGS", 2)
    text = page(report, tmp_path)
    assert "有发现的病例共 22 份，这里列 3 份" in text
    assert text.count('<details class="case"') == 3
    assert "另有 3 处未列" in text
    assert "其余病例见工作簿或 JSON Lines 报告" in text


def test_all_cases_with_findings_are_on_the_page(report, tmp_path):
    text = page(report, tmp_path)
    assert text.count('<details class="case"') == 22
    assert text.count("病案号 B") == 22


def test_the_chart_has_an_axis_of_counts_that_holds_every_bar(report):
    chart = html.bars(html.digest.digest(report).tiers)
    found = [bar["findings"] for bar in chart["bars"]]
    assert found == sorted(found, reverse=True)
    assert sum(found) == 29
    assert all(bar["level"] != "info" for bar in chart["bars"])
    last = chart["ticks"][-1]
    assert last == {"at": 100.0, "count": 8}
    assert [bar["percent"] for bar in chart["bars"]] == [100 * n / last["count"] for n in found]
