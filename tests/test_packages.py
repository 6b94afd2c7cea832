"""How the packages of validator/ may use each other; the layers themselves are contracts in pyproject.toml."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
VALIDATOR = ROOT / "validator"
MOST = 24  #: packages and modules at the top that a person can hold in the head


def imported(path: Path) -> list[str]:
    """The modules and names that a module imports, dotted."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [each.name for each in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [f"{node.module}.{each.name}" for each in node.names]
    return [name for name in found if name.startswith("validator.")]


@pytest.mark.parametrize("folder", ["validator", "benchmarks"])
def test_no_package_imports_a_private_name_of_another(folder: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        for name in imported(path)
        if any(part.startswith("_") and part != "__version__" for part in name.split("."))
    ]
    assert not wrong


def test_few_packages_and_nothing_loose_at_the_top() -> None:
    packages = {path.parent.name for path in VALIDATOR.glob("*/__init__.py")}
    loose = {path.name for path in VALIDATOR.glob("*.py")}
    assert loose <= {"__init__.py", "__main__.py", "api.py", "contracts.py", "spark.py"}
    assert len(packages | loose) <= MOST
    assert not packages & {"schemas", "codebooks", "reports"}, "the wheel puts the data folders there"
