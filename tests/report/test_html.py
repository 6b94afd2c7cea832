import re
from html.parser import HTMLParser

import pytest

from tests.report.sample import SampleReport
from validator.report import html, write

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
    row = re.search(r'<td class="code">DX107</td><td>诊断与性别不符</td><td>.*?</tr>', text, re.DOTALL)[0]
    assert re.findall(r'<td class="n[^"]*">(\d+)</td>', row) == ["24", "2", "4", "15", "3"]


def test_true_totals_are_reported_when_cases_are_cut(report, tmp_path, monkeypatch):
    monkeypatch.setattr(html, "_MOST_CASES", 3)
    monkeypatch.setattr(html, "_MOST_FINDINGS", 2)
    text = page(report, tmp_path)
    assert "有发现的病例共 22 份，这里列问题最多的 3 份" in text
    assert text.count("<details") == 3
    assert "另有 3 处未列。" in text


def test_the_pareto_line_ends_at_one_hundred_per_cent(report):
    chart = html.pareto(html.digest.digest(report).causes)
    assert [bar["findings"] for bar in chart["bars"]] == sorted(
        (bar["findings"] for bar in chart["bars"]), reverse=True
    )
    assert chart["bars"][-1]["cumulative"] == "100.0%"
    assert chart["total"] == sum(bar["findings"] for bar in chart["bars"]) == 29
    assert all(bar["level"] != "info" for bar in chart["bars"])
