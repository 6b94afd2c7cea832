"""The JSON Schemas for editors: every page that we ship is right by them, and what the loader refuses they refuse."""

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from validator.base import files, yaml_csv

SCHEMAS = files.data("schemas")
PAGES = {
    "rule": sorted(SCHEMAS.glob("rules/*/*.yaml")),
    "profile": sorted(SCHEMAS.glob("profiles/*.yaml")),
    "interface": sorted(SCHEMAS.glob("layouts/*/interface.yaml")),
    "score-scheme": sorted(SCHEMAS.glob("scoring/schemes/*.yaml")),
}


def schema(name: str) -> dict[str, Any]:
    return json.loads((SCHEMAS / "json" / name).read_text(encoding="utf-8"))


def plain(value: Any) -> Any:
    """YAML as JSON has it: days and times are texts."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return str(value) if isinstance(value, date) else value


def faults(name: str, page: Any) -> list[str]:
    validator = Draft202012Validator(schema(f"{name}.schema.json"), format_checker=Draft202012Validator.FORMAT_CHECKER)
    return [f"{each.json_path}: {each.message}" for each in validator.iter_errors(plain(page))]


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_right(name: str) -> None:
    Draft202012Validator.check_schema(schema(f"{name}.schema.json"))
    assert {path.name: found for path in PAGES[name] if (found := faults(name, yaml_csv.read_yaml(path)))} == {}


def test_our_pages_are_right_as_house_rules() -> None:
    assert [path for path in PAGES["rule"] if faults("house-rule", yaml_csv.read_yaml(path))] == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("level: warning", "level: fatal"),
        ("level: warning", "levle: warning"),
        ("title: ", "title_: "),
        ("on: diseinfo", "on: disinfo"),
        ("kind: 编码", "kind: 编马"),
        ("kind: 编码", "kind: 编码\nunique: {within: case, keys: [diag_code]}"),
        ("kind: 编码", "kind: 编码\nblocks: [DRG]"),
        ("doc: sichuan-qc", "doc: nowhere"),
        ("sure: practice", "sure: sure"),
        ("id: DX107", "id: D107"),
        ("  - pass: ", "  - passes: "),
        ("level: warning", "level: warning\nsince: tomorrow"),
    ],
)
def test_what_the_loader_refuses_is_refused(old: str, new: str, tmp_path: Path) -> None:
    text = (SCHEMAS / "rules/DX/DX107.yaml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "DX107.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert faults("rule", yaml_csv.read_yaml(path))


def test_every_layout_row_is_right_by_the_table_schema() -> None:
    table = schema("layout.tableschema.json")
    limits = {field["name"]: field["constraints"] for field in table["fields"]}
    keywords = {"enum", "pattern"}
    row = Draft202012Validator(
        {
            "properties": {
                name: {key: f"^({value})$" if key == "pattern" else value for key, value in each.items() if key in keywords}
                for name, each in limits.items()
            },
            "required": [name for name, each in limits.items() if each.get("required")],
            "additionalProperties": False,
        }
    )  # fmt: skip
    paths = sorted(SCHEMAS.glob("layouts/*/*.csv"))
    assert paths
    for path in paths:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        assert set(rows[0]) == limits.keys()
        for cells in rows:
            found = [each.message for each in row.iter_errors({key: cell for key, cell in cells.items() if cell})]
            assert found == [], (path.name, cells["field"])
