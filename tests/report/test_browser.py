"""The page in a real browser: wide, on a phone, on paper, and by axe."""

import shutil

import pytest

from tests.report.sample import SampleReport
from validator.report import write

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
playwright = pytest.importorskip("playwright.sync_api", reason="needs the extra 'browser'")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs the extra 'browser'")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    return write(SampleReport(), tmp_path_factory.mktemp("page") / "a.html").as_uri()


def opened(browser, address, width):
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(address)
    return page


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_is_wider_than_the_screen_even_with_all_open(width, browser, address):
    page = opened(browser, address, width)
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    broken = "[...document.querySelectorAll('.code')].filter((e) => !e.textContent.includes('/') && e.getClientRects().length > 1)"
    assert page.evaluate(f"{broken}.map((each) => each.textContent)") == []


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_serious(width, browser, address):
    found = axe.Axe().run(opened(browser, address, width)).response["violations"]
    assert [each["id"] for each in found if each["impact"] in ("serious", "critical")] == []


def test_it_prints_on_six_sheets_at_most(browser, address):
    printed = opened(browser, address, 1280).pdf(prefer_css_page_size=True)
    assert 1 <= printed.count(b"/Type /Page\n") <= 6


def test_cases_are_found_by_a_filter_and_a_page_at_a_time(browser, address):
    page = opened(browser, address, 1280)
    seen = "[...document.querySelectorAll('#cases > details')].filter((each) => !each.hidden).length"
    assert page.evaluate(seen) == 22
    page.fill("[data-filter=cases]", "B00006")
    assert page.evaluate(seen) == 1
