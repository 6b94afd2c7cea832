import re
from pathlib import Path

from validator import read
from validator.base import files, yaml_csv


def test_every_note_of_a_reader_has_its_words():
    sources = [path.read_text(encoding="utf-8") for path in Path(read.__file__).parent.glob("*.py")]
    used = {name for source in sources for name in re.findall(r'"(read/[a-z-]+)"', source)}
    texts = yaml_csv.read_yaml(files.data("schemas") / "field_checks.yaml")
    assert used <= set(texts)


def test_every_further_heading_means_something(known):
    spec = yaml_csv.read_yaml(files.data("schemas") / "sheets.yaml")
    tables = {table for layout in known.values() for table in layout.tables}
    assert set(spec["tables"]) == set(spec["headings"]) == tables
    for table, headings in spec["headings"].items():
        layouts = [layout.tables[table] for layout in known.values() if table in layout.tables]
        fields = {field for layout in layouts for field in layout.fields} | {"case_id"}
        aliases = {alias for layout in layouts for row in layout.fields.values() for alias in row.alias}
        assert set(headings) <= fields | {part for alias in aliases for part in alias.split("+")}
