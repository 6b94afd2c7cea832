"""The wheel as a user installs it: it carries its data folders and needs no checkout."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from validator import __version__
from validator.base import files

pytest.importorskip("pip")
pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[1]


def run(*command: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [*map(str, command)],
        cwd=cwd,
        env={**environment, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    done = run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path) -> Path:
    """The folder of programs of a fresh environment that holds the wheel, and sees this one's dependencies."""
    home = wheel.parent / "venv"
    venv.create(home, with_pip=False)
    programs = home / ("Scripts" if os.name == "nt" else "bin")
    python = programs / "python"
    install = ("install", "--quiet", "--no-deps", "--no-index", wheel)
    done = run(sys.executable, "-m", "pip", "--python", python, *install, cwd=home)
    assert done.returncode == 0, done.stderr
    site = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=home).stdout.strip()
    # A path file does not run the path files of the folder it names, so an editable install stays out of sight.
    Path(site, "dependencies.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return programs


def test_the_wheel_holds_every_data_file(wheel):
    inside = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("schemas", "codebooks", "reports"):
        for path in files.data(folder).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                assert f"validator/{folder}/{path.relative_to(files.data(folder)).as_posix()}" in inside
    assert "validator/py.typed" in inside
    assert not [name for name in inside if name.startswith(("tests", "examples", "schemas"))]


def test_the_installed_program_runs(installed, tmp_path):
    zhikong = installed / "zhikong"
    assert run(zhikong, "--version", cwd=tmp_path).stdout == f"zhikong {__version__}\n"
    assert "DX101" in run(zhikong, "rules", cwd=tmp_path).stdout
    clean = files.data("schemas") / "layouts" / "4101" / "golden.json"
    done = run(zhikong, "check", clean, "--format", "jsonl", "--out", "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "golden-checked.jsonl").exists()


def test_it_uses_the_data_inside_the_wheel(installed, tmp_path):
    code = "from validator.base import files; print(files.data('schemas'))"
    assert "site-packages" in run(installed / "python", "-c", code, cwd=tmp_path).stdout
