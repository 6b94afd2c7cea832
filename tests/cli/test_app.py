"""What holds for every command: languages, help, exit codes, and that nothing heavy is loaded for `--version`."""

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from validator import __version__
from validator.base import language
from validator.base.text_width import fold, width
from validator.cli import app
from validator.cli.app import App

COMMANDS = App().list_commands(click.Context(App()))
ROOT = Path(__file__).parents[2]
CHINESE = re.compile("[一-鿿]")


def test_commands_are_found_by_walking_the_folder():
    assert {"check", "rule", "rules", "fields", "template", "new-rule", "generate"} <= set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_documented(name):
    page = (ROOT / "docs/options.md").read_text(encoding="utf-8").partition(f"## zhikong {name}\n")[2]
    command = App().get_command(click.Context(App()), name)
    options = [max(each.opts, key=len) for each in command.params if isinstance(each, click.Option)]
    missing = {each for each in options if each not in page.partition("\n## ")[0]}
    assert page
    assert missing <= {"--lang", "--limits", "--debug", "--help"}


def test_the_page_of_commands_names_only_commands_and_options_that_exist():
    page = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
    options = (ROOT / "docs/options.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^## zhikong ([a-z-]+)", page, re.MULTILINE)) <= set(COMMANDS)
    assert [each for each in set(re.findall(r"`(--[a-z-]+)", page)) if each not in options] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_help_exists_in_both_languages(zhikong, name):
    chinese, english = zhikong(name, "--help").output, zhikong(name, "--help", "--lang", "en").output
    assert "用法：zhikong" in chinese
    assert "选项:" in chinese
    assert "Usage: zhikong" in english
    assert not CHINESE.search(english.replace("编码", ""))  # a kind of check, as it is typed
    command = App().get_command(click.Context(App()), name)
    for parameter in command.params:
        assert CHINESE.search(parameter.help), parameter.name


@pytest.mark.parametrize("arguments", [["--lang", "en", "rules"], ["rules", "--lang=en"], ["rules", "--lang", "en"]])
def test_language_may_stand_before_or_after_the_command(zhikong, arguments):
    assert "in all" in zhikong(*arguments).output


def test_language_by_environment_and_only_for_this_run(zhikong, monkeypatch):
    monkeypatch.setenv("ZHIKONG_LANG", "en")
    assert "in all" in zhikong("rules").output
    assert "共" in zhikong("rules", "--lang", "zh").output
    assert language.current() == "zh"


def test_no_command_shows_help(zhikong):
    for arguments in ([], ["--lang", "en"]):
        result = zhikong(*arguments)
        assert result.exit_code == 0
        assert "check" in result.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["chek"], "没有命令 chek；是不是 check？"),
        (["check"], "缺少 'PATH...'"),
        (["check", "x", "--fail-on", "fatal"], "应为：error、warning、info、never"),
        (["rules", "--tpic", "DX"], "没有选项 --tpic；是不是 --topic？"),
        (["rules", "--topic"], "选项 --topic 用得不对"),
        (["generate", "--to", "x", "--cases", "0"], "'--cases' 的值不对"),
        (["--lang", "fr"], "应为：zh、en"),
    ],
)
def test_usage_errors_exit_2_in_the_language(zhikong, arguments, message):
    result = zhikong(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""


def crash(error):
    def run(self, ctx):
        raise error

    return run


def test_own_faults_exit_2_without_a_traceback_or_data(zhikong, monkeypatch):
    monkeypatch.setattr(App, "invoke", crash(ValueError("张三 110105197503120026")))
    result = zhikong("rules")
    assert result.exit_code == 2
    assert "程序内部出错（ValueError）" in result.stderr
    assert "--debug" in result.stderr
    assert "张三" not in result.stderr
    assert "Traceback" in zhikong("rules", "--debug").stderr


def test_which_way_cases_are_judged_is_a_detail(zhikong, clean):
    assert "judged by rows" in zhikong("check", clean, "--debug").stderr
    assert zhikong("check", clean).stderr == ""


def test_a_file_open_in_excel_is_explained(zhikong, monkeypatch):
    monkeypatch.setattr(App, "invoke", crash(PermissionError(13, "Permission denied", "a.xlsx")))
    result = zhikong("rules")
    assert result.exit_code == 2
    assert "a.xlsx" in result.stderr
    assert "Excel" in result.stderr


def test_interruption_exits_130(zhikong, monkeypatch):
    monkeypatch.setattr(App, "invoke", crash(KeyboardInterrupt()))
    result = zhikong("rules")
    assert result.exit_code == app.INTERRUPTED == 130
    assert "已中断" in result.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has a device that is always full")
def test_nobody_who_hears_the_message_changes_no_exit_code(tmp_path, clean):
    """A closed or full error stream: a scheduler still learns what became of the run."""
    for asked, stream, code in (
        (tmp_path / "none.json", "/dev/full", 2),
        (tmp_path / "none.json", "&-", 2),
        (clean, "&-", 0),
    ):
        done = f'exec "{sys.executable}" -m validator check "{asked}" -q 2>{stream}'
        assert subprocess.run(["/bin/sh", "-c", done], check=False, cwd=ROOT).returncode == code, done


@pytest.mark.parametrize("argument", ["--version", "--help"])
def test_version_and_help_do_not_load_the_engine(argument):
    code = f"""
import sys
from validator.cli import main
sys.argv = ["zhikong", {argument!r}]
try:
    main()
except SystemExit as stop:
    assert not stop.code
heavy = {{"polars", "pandera", "openpyxl", "altair", "jinja2", "rich", "yaml", "fastapi", "uvicorn", "sqlalchemy"}} & set(sys.modules)
assert not heavy, heavy
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert argument != "--version" or done.stdout == f"zhikong {__version__}\n"


def test_wide_characters_are_wrapped_by_the_cells_they_fill():
    lines = fold("一二三四，五六 abc defghi", 10)
    assert lines == ["一二三四，", "五六 abc", "defghi"]
    assert max(map(width, lines)) == 10
