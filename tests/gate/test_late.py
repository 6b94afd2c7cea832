"""great-expectations is imported when a batch is judged and not before, says nothing to anybody, and may be missing."""

import os
import subprocess
import sys

import pytest

from tests.gate.batch import needs_extra
from validator.base import files

GOLDEN = files.data("schemas") / "layouts" / "4101" / "golden.json"
LOADED = "import sys; print('great_expectations' in sys.modules, 'pandas' in sys.modules)"
RUN = "from validator.cli.app import App\ntry: App().main({arguments!r})\nexcept SystemExit as end: code = end.code\n"


def python(program: str, folder: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=str(folder),
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.parametrize(
    "program",
    [
        "import validator",
        "import validator.gate",
        f"import validator; validator.check({str(GOLDEN)!r})",
        RUN.format(arguments=["check", str(GOLDEN), "--quiet"]),
        RUN.format(arguments=["check", "--help"]),
    ],
)
def test_nothing_but_the_gate_imports_it(program, tmp_path):
    done = python(f"{program}\n{LOADED}", tmp_path)
    assert done.stdout.endswith("False False\n"), done.stderr


def test_without_the_extra_the_gate_says_how_to_install_it(tmp_path):
    hidden = "import sys; sys.modules['great_expectations'] = None\n"  # as Python knows what is not installed
    run = RUN.format(arguments=["check", str(GOLDEN), "--gate", "default"])
    done = python(f"{hidden}{run}print(code)", tmp_path)
    assert done.stdout == "2\n"
    assert 'pip install "zhikong[gate]"' in done.stderr


@needs_extra
@pytest.mark.slow
def test_judging_opens_no_connection_and_writes_nowhere_else(tmp_path):
    watch = (
        "import sys, os\nseen = []\n"
        "sys.addaudithook(lambda name, args: seen.append(name) if name.startswith(('socket.connect', 'socket.getaddrinfo', "
        "'http.client', 'urllib')) else None)\n"
    )
    run = RUN.format(arguments=["check", str(GOLDEN), "--gate", "default", "--gate-docs", "docs", "--lang", "en"])
    done = python(f"{watch}{run}print(seen, code)", tmp_path)
    assert done.stdout.endswith("[] 0\n"), done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["docs", "golden-checked.gate.json"]
    assert "Warning" not in done.stderr
    assert "Calculating" not in done.stderr
