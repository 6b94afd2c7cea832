"""``python -m tests.fuzz.guided PARSER``: inputs that coverage guides (``pip install atheris``), until one ends in no refusal.

Further arguments are libFuzzer's: ``-max_total_time=300``, ``-runs=100000``, a folder that keeps what reached new code. The
parsers: ``json``, ``lines``, ``csv``, ``page`` (web pages as tables), ``workbook``, ``dbf``, ``yaml``, ``rule``, ``pattern``, ``scheme``.
"""

import importlib
import sys
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

INSTRUMENTED = ("validator.read", "validator.base.yaml_csv", "validator.checks.language", "validator.grouping.language")


def _parsers() -> dict[str, Callable[[bytes], Any]]:
    from tests.checks.language.roads import SCOPE
    from validator.base import yaml_csv
    from validator.checks.language import compile_text, patterns
    from validator.grouping import language
    from validator.read import dbf, delimited, parse, web_page, workbook
    from validator.read.encoding import decode
    from validator.read.place import Place

    place, scratch = Place("x"), Path(tempfile.mkdtemp()) / "x.yaml"

    def text(data: bytes) -> str:
        return data.decode("utf-8", "ignore")

    def yaml(data: bytes) -> object:
        scratch.write_bytes(data)
        return yaml_csv.read_yaml(scratch)

    return {
        "json": lambda data: [*parse.whole(data, place)], "lines": lambda data: [*parse.lines(data.splitlines(keepends=True), place)],
        "csv": lambda data: delimited.grid(data, place), "page": lambda data: web_page.grids(decode(data, place), place),
        "workbook": lambda data: workbook.grids(data, place), "dbf": lambda data: dbf.grid(data, place), "yaml": yaml,
        "rule": lambda data: compile_text(text(data), SCOPE), "pattern": lambda data: patterns.python(text(data)),
        "scheme": lambda data: language.parse(text(data)),
    }  # fmt: skip


def main() -> None:
    """Run one parser on inputs until one raises something that is no refusal."""
    if find_spec("atheris") is None:
        raise SystemExit("coverage needs atheris: pip install atheris")
    atheris = importlib.import_module("atheris")
    with atheris.instrument_imports(include=[*INSTRUMENTED]):
        parsers = _parsers()
        from validator.base.errors import ZhikongError
        from validator.checks.language.patterns import PatternError
        from validator.grouping.language import RuleError
    name, *rest = sys.argv[1:] or [""]
    if name not in parsers:
        raise SystemExit(f"parsers: {', '.join(parsers)}")

    def one(data: bytes) -> None:
        try:
            parsers[name](data)
        except (ZhikongError, PatternError, RuleError):
            return

    atheris.Setup([sys.argv[0], "-rss_limit_mb=2048", "-timeout=20", *rest], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
