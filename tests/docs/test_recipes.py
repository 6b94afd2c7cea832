"""The recipes of CONTRIBUTING, performed on a copy of the project: each touches one file or folder, and it works."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NEEDED = ("schemas", "codebooks", "reports", "validator", "docs", "tests", "examples", "pyproject.toml")
PROOF_OF_4101A = "tests/checks/test_proof.py::test_each_check_is_proven[4101A]"
FIELD = "{},三、住院诊疗信息,,,4101A-interface,official,\n"
FORMAT = '''"""A line for each finding."""

from pathlib import Path

from validator.base import files
from validator.report.common.view import ReportView

EXTENSION = ".md"


def write(report: ReportView, path: Path) -> Path:
    """Write the messages."""
    lines = [f"- {text}" for part in report.iter_findings() for text in part["message"]]
    with files.replacing(path) as scratch:
        scratch.write_text("\\n".join(["# 质控", *lines, ""]), encoding="utf-8")
    return path
'''
COMMAND = '''"""``zhikong hello``."""

import click

from validator.base.language import say
from validator.cli.help import Command


def command() -> Command:
    """``zhikong hello``."""
    return Command(run, say("问好。", "Greet."))


def run() -> int:
    """Greet."""
    click.echo(say("您好", "Hello"))
    return 0
'''
STANDARD = """\
number: 16
title: 床位编码
title_en: Beds
document: practice-mrq
sure: unconfirmed
about: 医院自编。
about_en: A hospital's own.
forms:
  bed:
    title: 床位编码
    title_en: bed code
    sure: unconfirmed
    segments:
      - {name: 标识, name_en: mark, form: 'QC', meaning: 床, meaning_en: bed}
      - {name: 顺序号, name_en: sequence, form: '[0-9]{3}', meaning: 顺序, meaning_en: sequence}
    examples: {QC001: [一床, first bed]}
    wrong: [QC01, QC0001, qc001]
"""
BLANKS = {
    "name": "sex-not-stated", "title": "性别已说明", "title_en": "Sex is stated", "kind": "疑点", "level": "info",
    "when": "gend IS NOT NULL", "expect": "gend <> '9'", "message": "性别“{gend}”", "message_en": "Sex {gend}",
    "fix": "核对", "fix_en": "Look it up", "why": "因为", "why_en": "Because", "  doc": "4101-interface",
    "  item": "性别", "  sure": "practice", "  - pass": "男", "  - fail": "未说明",
}  # fmt: skip


@dataclass(frozen=True)
class Copy:
    """The project in a scratch folder."""

    folder: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Python there, on the copy of the package."""
        environment = {**os.environ, "PYTHONPATH": str(self.folder)}
        return subprocess.run(
            [sys.executable, *arguments], cwd=self.folder, env=environment, capture_output=True, encoding="utf-8",
            check=False,
        )  # fmt: skip

    def works(self, *arguments: str) -> str:
        """Run what must succeed."""
        done = self.run(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def zhikong(self, *arguments: str) -> str:
        return self.works("-m", "validator", *arguments)

    def tests(self, *arguments: str) -> str:
        return self.works("-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *arguments)

    def append(self, name: str, line: str) -> None:
        path = self.folder / name
        path.write_text(path.read_text(encoding="utf-8") + line, encoding="utf-8")

    def state(self) -> dict[str, str]:
        """File -> what it holds, but for the generated pages."""
        from validator import docs

        files = {path.relative_to(self.folder).as_posix(): path for path in self.folder.rglob("*") if path.is_file()}
        return {
            name: hashlib.sha256(path.read_bytes()).hexdigest()
            for name, path in files.items()
            if name not in docs.PAGES and not {"__pycache__", ".hypothesis"} & set(path.parts)
        }


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    for name in NEEDED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name)  # with what is compiled: compiling it anew takes seconds a process
        else:
            shutil.copy(source, tmp_path)
    return Copy(tmp_path)


def rule(copy: Copy) -> None:
    printed = copy.zhikong("new-rule", "DX311", "--on", "setlinfo", "--to", "schemas/rules/DX", "--lang", "en")
    page = copy.folder / "schemas" / "rules" / "DX" / "DX311.yaml"
    text = page.read_text(encoding="utf-8")
    for key, value in BLANKS.items():
        text = re.sub(rf"^{key}:.*$", f"{key}: {value}", text, flags=re.MULTILINE)
    first, last = re.findall(r"^    setlinfo: \{\}$", text, re.MULTILINE)
    text = text.replace(first, "    setlinfo: {gend: '1'}", 1)
    page.write_text(text.replace(last, "    setlinfo: {gend: '9'}", 1), encoding="utf-8")
    copy.zhikong(*printed.strip().rpartition("zhikong ")[2].split())  # the next command that it prints
    copy.tests("tests/checks/test_rule_cases.py", "-k", "DX311 or golden")
    proof = "tests/checks/test_proof.py::test_each_check_is_proven[4101]"
    done = copy.run("-m", "pytest", "-q", "-p", "no:cacheprovider", proof)
    for also in re.findall(r"DX311 未说明: (also: \[.*\])", done.stdout)[:1]:  # what the test asks for
        text = page.read_text(encoding="utf-8").replace("  - fail: 未说明", f"  - fail: 未说明\n    {also}")
        page.write_text(text, encoding="utf-8")
        copy.tests(proof)


def field(copy: Copy) -> None:
    copy.append("schemas/layouts/4101A/setlinfo.csv", FIELD.format("bed_no,床位号,Bed,code,10,N" + "," * 9))
    assert "bed_no" in copy.zhikong("fields", "setlinfo", "--interface", "4101A")
    copy.tests("tests/spec/test_schemas_data.py", PROOF_OF_4101A)
    copy.zhikong("generate", "--cases", "5", "--as", "csv", "--to", "out")
    copy.zhikong("check", "out", "--fail-on", "info")
    shutil.rmtree(copy.folder / "out")


def code(copy: Copy) -> None:
    golden = json.loads((copy.folder / "schemas/layouts/4101/golden.json").read_text(encoding="utf-8"))
    golden["input"]["setlinfo"]["adm_way"] = "8"
    copy.append("codebooks/domains/adm_way.csv", "8,转科,Transferred,,,\n")
    (copy.folder / "new.json").write_text(json.dumps(golden), encoding="utf-8")
    copy.zhikong("check", "new.json", "--select", "setlinfo.adm_way/value")
    (copy.folder / "new.json").unlink()
    copy.tests("tests/spec/test_schemas_data.py")


def form(copy: Copy) -> None:
    folder = copy.folder / "codebooks" / "bed"
    folder.mkdir()
    (folder / "standard.yaml").write_text(STANDARD, encoding="utf-8")
    assert "床位编码" in copy.zhikong("code", "QC001")
    copy.tests("tests/codes/test_standards.py", "-k", "bed or fifteen or one_standard")


def table(copy: Copy) -> None:
    header = (copy.folder / "schemas/layouts/4101A/icuinfo.csv").read_text(encoding="utf-8").partition("\n")[0]
    path = copy.folder / "schemas/layouts/4101A/bedinfo.csv"
    fields = ("bed_no,床位号,Bed,code,10,Y", "room_no,病房号,Room,code,10,N")
    rows = "".join(FIELD.format(each + "," * 9) for each in fields)
    path.write_text(header + "\n" + rows, encoding="utf-8")
    assert "bed_no" in copy.zhikong("fields", "bedinfo", "--interface", "4101A")
    copy.tests("tests/spec/test_schemas_data.py", PROOF_OF_4101A)
    copy.zhikong("generate", "--cases", "5", "--as", "csv", "--interface", "4101A", "--to", "out")
    shutil.rmtree(copy.folder / "out")


def interface(copy: Copy) -> None:
    folder = copy.folder / "schemas/layouts/4199"
    shutil.copytree(folder.with_name("4101A"), folder)
    for name in ("golden.json", "interface.yaml"):
        text = (folder / name).read_text(encoding="utf-8")
        (folder / name).write_text(
            text.replace('"4101A"', '"4199"').replace("number: 4101A", 'number: "4199"'), encoding="utf-8"
        )
    copy.zhikong("check", "schemas/layouts/4199/golden.json", "--fail-on", "info")
    copy.tests("tests/spec/test_schemas_data.py")
    copy.tests("tests/checks/test_proof.py", "tests/checks/test_rule_cases.py", "-k", "4199 or left_out")


def report_format(copy: Copy) -> None:
    (copy.folder / "validator/report/markdown.py").write_text(FORMAT, encoding="utf-8")
    golden = "schemas/layouts/4101/golden.json"
    shown = copy.zhikong("check", golden, "--format", "markdown", "--out", "-")
    assert shown.startswith("# 质控")
    copy.tests("tests/report/test_formats.py")


def command(copy: Copy) -> None:
    (copy.folder / "validator/cli/commands/hello.py").write_text(COMMAND, encoding="utf-8")
    assert copy.zhikong("hello") == "您好\n"
    copy.works("-m", "validator.docs")
    copy.tests("tests/cli/test_app.py", "-k", "hello")


#: Heading of CONTRIBUTING -> what does it, and whether it may touch a folder of its own.
RECIPES: dict[str, tuple[Callable[[Copy], None], bool]] = {
    "A rule": (rule, False),
    "A field": (field, False),
    "A code of a value set": (code, False),
    "A code form": (form, True),
    "A table": (table, False),
    "An interface": (interface, True),
    "A report format": (report_format, False),
    "A command": (command, False),
}


def steps() -> dict[str, list[str]]:
    """Recipe -> its steps, as CONTRIBUTING has them."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    part = text.partition("## Recipes\n")[2].partition("\n## ")[0]
    return {
        each.partition("\n")[0]: re.findall(r"^\d\. .*", each, re.MULTILINE) for each in f"\n{part}".split("\n### ")[1:]
    }


def test_contributing_has_a_short_recipe_for_each() -> None:
    assert steps().keys() == RECIPES.keys()
    assert all(1 <= len(each) <= 5 for each in steps().values())


@pytest.mark.slow
@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_touches_one_place_and_works(name: str, copy: Copy) -> None:
    perform, folder = RECIPES[name]
    before = copy.state()
    perform(copy)
    copy.works("-m", "validator.docs")
    after = copy.state()
    touched = {Path(path) for path, text in (before.items() ^ after.items())}
    places = {path.parent for path in touched} if folder else touched
    assert len(places) == 1, touched
