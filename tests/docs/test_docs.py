"""What the documents name exists."""

import re
from pathlib import Path

import pytest

from validator import api
from validator.spec import layouts

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]
INVENTED = {"DX311"}  # the rule that CONTRIBUTING writes


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_rules_fields_and_links_of_a_page_exist(page):
    text = page.read_text(encoding="utf-8")
    named = set(re.findall(r"\b[A-Z]{2}[0-9]{3}\b(?!#)", text)) - INVENTED
    assert named <= set(api.load().rules)
    fields = {
        f"{table}.{name}"
        for each in layouts.load().values()
        for table, rows in each.tables.items()
        for name in rows.fields
    }
    assert set(re.findall(r"\bsetlinfo\.[a-z]+_?[a-z_]{2,}\b", text)) <= fields
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_invented_rules_stay_free():
    assert not INVENTED & set(api.load().rules)
