"""The field's words are used everywhere: retired ones stand in no name, id, column, page, message or comment."""

import io
import re
import tokenize
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from validator import api
from validator.checks import findings
from validator.checks.case_rows import CASES, OUTCOMES
from validator.grouping import corrections, doubts

ROOT = Path(__file__).parents[1]
RETIRED = frozenset(
    re.findall(
        "[a-z]+",
        "told untold said mend mends mended mending mendable due odd glance beside dissect dissects dissected dissection"
        " gather gathers gathered gathering gatherer",
    )
)
#: Where the word is the right one: Polars' methods, and what English says in no other way.
RIGHT = re.compile(r"\.gather(?:_every)?\(|\bdue to\b", re.IGNORECASE)
OLD_ASPECTS = frozenset({"form", "edition", "force", "glued", "unknown"})
OLD_COLUMNS = frozenset({"mend", "grade"})
FOLDERS = {
    "validator": "*.py",
    "tests": "*.py",
    "benchmarks": "*.py",
    "docs": "*.md",
    "reports": "*",
    "schemas": "*.yaml",
}
PAGES = [
    *(path for folder, form in FOLDERS.items() for path in sorted((ROOT / folder).rglob(form)) if path.is_file()),
    *sorted((ROOT / "schemas").glob("*.csv")),
    *sorted((ROOT / "codebooks").rglob("*.yaml")),
    *sorted((ROOT / "codebooks" / "knowledge").glob("*.csv")),
    *sorted(ROOT.glob("*.md")),
    ROOT / "run.py",
    ROOT / "pyproject.toml",
]


def parts(name: str) -> Iterator[str]:
    """The words of an identifier or a sentence, in small letters."""
    for word in re.findall(r"[A-Za-z]+", name):
        yield from (part.lower() for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", word))


def test_no_retired_word() -> None:
    pages = [path for path in PAGES if path != Path(__file__) and "__pycache__" not in path.parts]
    assert not [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in pages
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if RETIRED & set(parts(RIGHT.sub("", line)))
    ]


def test_retired_words_are_found() -> None:
    assert RETIRED & set(parts("def _told(")) == {"told"}
    assert RETIRED & set(parts("class GatheringRows:")) == {"gathering"}
    assert not RETIRED & set(parts("method, toldo, overdue"))


def test_no_retired_id_or_column() -> None:
    catalogue = api.load()
    checks = {name for layout in catalogue.layouts for name in catalogue.checks(layout)}
    assert not [name for name in checks if name.rpartition("/")[2] in OLD_ASPECTS and not name.startswith("read/")]
    columns = {*findings.SCHEMA, *findings.COMPACT, *OUTCOMES, *CASES, *corrections.CORRECTIONS, *doubts.DOUBTS}
    assert not columns & (RETIRED | OLD_COLUMNS)


def test_no_retired_file_name() -> None:
    names = [path.relative_to(ROOT) for folder in FOLDERS for path in (ROOT / folder).rglob("*")]
    assert not [str(name) for name in names if "__pycache__" not in name.parts and RETIRED & set(parts(name.stem))]


def test_class_names_stand_for_one_thing() -> None:
    """Few public classes share a name; those listed are far apart and never meet."""
    seen: dict[str, list[str]] = {}
    for path in sorted((ROOT / "validator").rglob("*.py")):
        tokens = list(tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline))
        for before, token in pairwise(tokens):
            if before.string == "class" and before.type == tokenize.NAME and not token.string.startswith("_"):
                seen.setdefault(token.string, []).append(str(path.relative_to(ROOT)))
    assert {name: where for name, where in seen.items() if len(where) > 1} == {}
