"""Commands that do all the set-up in a fresh clone: ``python3 run.py demo``, ``check FILE`` and ``test``.

Needs Python 3.11 or newer and nothing else; works on Linux, macOS and Windows. Everything goes into ``.venv``.
"""

import hashlib
import json
import os
import subprocess
import sys
import webbrowser
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "zhikong-installed.json"

USAGE = """用法 Usage:
  python3 run.py demo         检查示例清单，留下批注好的工作簿和网页报告
                              check the shipped examples; leave annotated workbooks and web pages
  python3 run.py check FILE…  检查自己的清单，报告写在旁边，网页自动打开（Windows 可把文件拖到 zhikong.bat 上）
                              check your own lists; the reports lie next to them and the page opens
  python3 run.py test [...]   运行测试，其余参数交给 pytest；--all 先装好大的可选依赖，连它们的测试一起运行
                              run the tests; further arguments go to pytest;
                              --all installs the heavy extras first and runs their tests too
  python3 run.py lint         检查代码 check the code: ruff, mypy, import-linter
"""
NO_PIP = """这个 Python 既没有 ensurepip 也没有 pip，无法建立 .venv。请先安装其中一个，例如：
This Python has neither ensurepip nor pip, so .venv cannot be made. Install one of them first, for example:
  Debian, Ubuntu:  sudo apt install python3-venv
  Fedora:          sudo dnf install python3-pip
  Windows, macOS:  用官方安装包重装 Python，勾选 pip    reinstall Python with its own installer and tick "pip"
"""
#: Extras that are large; without them their tests skip.
HEAVY = ("browser", "charts", "dask", "frames", "gate", "service", "spark")
LINTERS = (
    ["-m", "ruff", "check", "."],
    ["-m", "ruff", "format", "--check", "."],
    ["-m", "mypy"],
    ["-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
)


def demo() -> int:
    """Check what ``examples`` holds; findings are what an example is for, so they are no failure."""
    install()
    out = ROOT / "out" / "demo"
    for example in ("message/4101-00001.json", "csv", "workbook/lists.xlsx"):
        formats = [option for name in ("xlsx", "html") for option in ("--format", name)]
        command = ["-m", "validator", "check", f"examples/{example}", "--fail-on", "never", "--quiet", *formats]
        if failed := run(*command, "--out", str(out)):
            return failed
    say(
        "检查了 3 份示例，报告在： The three examples are checked; the reports:",
        *(f"  {path.relative_to(ROOT)}" for path in sorted(out.iterdir())),
        "检查自己的清单 Check your own lists: python3 run.py check 文件",
        f"先打开网页 Open the page first: {(out / 'lists-checked.html').relative_to(ROOT)}",
        "再打开工作簿，标红的格就是要改的 Then the workbook: lists-checked.xlsx",
    )
    return 0


def check(*files: str) -> int:
    """Check the user's files; page and annotated workbook are written next to the first of them, and the page opens."""
    if not files:
        say(USAGE)
        return 2
    install()
    first = Path(files[0]).resolve()
    formats = [option for name in ("console", "xlsx", "html") for option in ("--format", name)]
    done = run(
        "-m",
        "validator",
        "check",
        *map(str, map(Path.absolute, map(Path, files))),
        *formats,
        "--out",
        str(first.parent),
    )
    page = (
        first.parent / f"{'zhikong' if len(files) > 1 else first.name if first.is_dir() else first.stem}-checked.html"
    )
    if done < 2 and page.is_file():
        webbrowser.open(page.as_uri())
    return done


def test(*arguments: str) -> int:
    """Run the tests; those of the heavy extras too with ``--all``."""
    install("dev", *(HEAVY if "--all" in arguments else ()))
    return run("-m", "pytest", *(each for each in arguments if each != "--all"))


def lint() -> int:
    """Run every linter, so that one run names all that is to fix."""
    install("dev", *HEAVY)  # mypy reads their types
    return max([run(*command) for command in LINTERS])


def install(*wanted: str) -> None:
    """Make ``.venv`` and install zhikong with the extras, unless that was done for the same files before."""
    files = [ROOT / "pyproject.toml", ROOT / "constraints.txt"]
    digest = hashlib.sha256(sys.version.encode() + b"".join(path.read_bytes() for path in files)).hexdigest()
    done = json.loads(STAMP.read_text(encoding="utf-8")) if STAMP.exists() else {}
    extras = sorted({*wanted, *done.get("extras", [])})
    if done.get("digest") == digest and extras == done["extras"]:
        return
    say("正在准备 .venv，第一次需要几分钟…… Preparing .venv; the first time takes some minutes …")
    pip = make_venv()
    project = ".[{}]".format(",".join(extras)) if extras else "."
    constraints = ["--constraint", "constraints.txt"]
    commands = (["hatchling", "setuptools"], ["--no-build-isolation", "--editable", project])
    for command in commands:
        if subprocess.run([*pip, "install", "-qq", *constraints, *command], cwd=ROOT, check=False).returncode:
            raise SystemExit(
                "安装依赖失败（原因见上），请检查网络或 pip 设置。\n"
                "Installing failed (the reason is above); check the network or pip's settings."
            )
    STAMP.write_text(json.dumps({"digest": digest, "extras": extras}), encoding="utf-8")


def make_venv() -> list[str]:
    """A fresh ``.venv``, and the command that runs pip for it."""
    if find_spec("ensurepip"):  # Debian ships a Python without it
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)
        return [str(PYTHON), "-m", "pip"]
    if find_spec("pip"):
        subprocess.run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(VENV)], check=True)
        return [sys.executable, "-m", "pip", "--python", str(PYTHON)]
    raise SystemExit(NO_PIP)


def run(*arguments: str) -> int:
    """Run ``.venv``'s Python in this folder."""
    return subprocess.run([str(PYTHON), *arguments], cwd=ROOT, check=False).returncode


def say(*lines: str) -> None:
    """Print at once, before a child process prints."""
    print(*lines, sep="\n", flush=True)


def main(arguments: list[str]) -> int:
    """Run the named command."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # a Windows console that cannot show Chinese must not stop the run
    commands = {"demo": demo, "check": check, "test": test, "lint": lint}
    name, *rest = arguments or [""]
    if name not in commands or (rest and name not in ("check", "test")):
        say(USAGE)
        return 0 if name in ("-h", "--help") else 2
    return commands[name](*rest)


if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036 (a fresh clone may meet any Python)
        raise SystemExit("需要 Python 3.11 或更新的版本。 Python 3.11 or newer is needed.")
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
