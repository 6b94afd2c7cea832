"""Help pages and usage errors in both languages (click's own words are English)."""

import pkgutil
import re
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from types import ModuleType

import click

from validator.base import limits
from validator.base.language import say
from validator.base.text_width import fold, width
from validator.cli import completion
from validator.codes.editions import EDITIONS

_HEADINGS = {"Options": "选项", "Commands": "命令", "Positional arguments": "参数"}


class Formatter(click.HelpFormatter):
    """Headings in the current language; Chinese text is wrapped by the cells it fills."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """The usage line."""
        super().write_usage(prog, args, prefix or say("用法：", "Usage: "))

    def write_heading(self, heading: str) -> None:
        """A heading, translated when it is one of click's."""
        super().write_heading(say(_HEADINGS.get(heading, heading), heading))

    def write_text(self, text: str) -> None:
        """Paragraphs, one a line."""
        for paragraph in text.splitlines():
            for line in fold(paragraph, self.width - self.current_indent):
                self.write(f"{'':>{self.current_indent}}{line}\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Terms and what they mean."""
        rows = list(rows)
        column = self.current_indent + col_spacing + max(min(width(term), col_max) for term, _ in rows)
        for term, meaning in rows:
            line = f"{'':>{self.current_indent}}{term}"
            lines = fold(meaning.replace("[default: ", say("[默认 ", "[default: ")), self.width - column) or [""]
            if width(line) + col_spacing > column:
                self.write(f"{line}\n")
                line = ""
            self.write(f"{line}{'':>{column - width(line)}}{lines[0]}".rstrip() + "\n")
            self.write("".join(f"{'':>{column}}{more}\n" for more in lines[1:]))


class Context(click.Context):
    """A context whose help pages are written by :class:`Formatter`."""

    formatter_class = Formatter


class _Titled(click.Command):
    """A command that is listed with the whole first line of its help text."""

    context_class = Context

    def get_short_help_str(self, limit: int = 45) -> str:
        """The first line of the help text, whole."""
        del limit
        return (self.help or "").partition("\n")[0]


class Command(_Titled):
    """A subcommand; ``--lang``, ``--debug`` and ``--help`` come with it."""

    def __init__(self, run: Callable[..., int], help: str, *params: click.Parameter) -> None:
        name = run.__module__.rpartition(".")[2].replace("_", "-")
        super().__init__(name, callback=run, params=[*params, *common_options()], help=help, add_help_option=False)


class CommandGroup(_Titled, click.Group):
    """A command whose subcommands are the modules of a package, found by walking it; only the one in use is imported."""

    def __init__(self, package: ModuleType, name: str, help: str, params: Iterable[click.Parameter]) -> None:
        super().__init__(
            name, params=[*params], help=help, callback=help_if_alone, invoke_without_command=True, add_help_option=False
        )  # fmt: skip
        self._package = package

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the modules of the package."""
        return sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(self._package.__path__))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command, no other."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = import_module(f"{self._package.__name__}.{cmd_name.replace('-', '_')}").command()
        return command


@click.pass_context
def help_if_alone(ctx: click.Context) -> None:
    """Show the help page when no command is named."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def common_options() -> list[click.Parameter]:
    """Options that work before and after a subcommand."""

    def show_help(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
        if wanted:
            click.echo(ctx.get_help())
            ctx.exit()

    return [
        click.Option(
            ["--lang"],
            type=click.Choice(["zh", "en"]),
            envvar="ZHIKONG_LANG",
            expose_value=False,
            help=say("语言（也可用环境变量 ZHIKONG_LANG）", "Language (or the variable ZHIKONG_LANG)"),
        ),
        click.Option(
            ["--limits"],
            expose_value=False,
            callback=lambda _ctx, _parameter, value: limits.use(value) if value else None,
            metavar="NAME=N",
            help=say(
                f"放宽或收紧对文件大小的限制，如 zip-files=300000（也可用环境变量 {limits.VARIABLE}）",
                f"Change limits of what files may cost, such as zip-files=300000 (or the variable {limits.VARIABLE})",
            ),
        ),
        click.Option(
            ["--debug"],
            is_flag=True,
            expose_value=False,
            help=say(
                "显示内部详情：病例逐份还是成批检查，出错的位置", "Show details: how cases are judged, tracebacks"
            ),
        ),
        click.Option(
            ["-h", "--help"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=show_help,
            help=say("显示这段说明", "Show this page"),
        ),
    ]


def profile_option() -> click.Option:
    """Return ``--profile``, whose levels and limits apply."""
    return click.Option(
        ["--profile"],
        default="national",
        show_default=True,
        metavar="NAME",
        shell_complete=completion.profiles,
        help=say("地区方案：名称或 YAML 文件", "Regional profile: a name or a YAML file"),
    )


def catalogue_options() -> list[click.Parameter]:
    """Which profile and which further rule pages a command reads."""
    folders = click.Option(
        ["--rules"],
        type=click.Path(file_okay=False, path_type=Path),
        multiple=True,
        metavar="DIR",
        help=say("另加的规则目录，可多次", "A further folder of rule pages; repeatable"),
    )
    return [profile_option(), folders]


def codebooks_option() -> click.Option:
    """Where the tables are kept."""
    zh = "码表目录（也可用环境变量 ZHIKONG_CODEBOOKS；默认在用户数据目录）"
    en = "Folder of the tables (or the variable ZHIKONG_CODEBOOKS; default: the user's data folder)"
    kind = click.Path(file_okay=False, path_type=Path)
    return click.Option(["--codebooks"], envvar="ZHIKONG_CODEBOOKS", type=kind, metavar="DIR", help=say(zh, en))


def reading_options() -> list[click.Parameter]:
    """How the data of a command are to be read, where they do not tell."""
    file = click.Path(dir_okay=False, path_type=Path)
    layout = say("接口，如 4101、4401（默认自动辨认）", "Interface, such as 4101 or 4401 (default: recognise it)")
    mapping = say("列名对照文件", "A file that says which column is which field")
    return [
        click.Option(["--layout"], metavar="NAME", help=layout, shell_complete=completion.interfaces),
        click.Option(["--mapping"], type=file, metavar="FILE", help=mapping),
    ]


def cases_option(usual: int, text: str) -> click.Option:
    """``--cases``: a number of cases, ``usual`` where none is given."""
    return click.Option(["--cases"], type=click.IntRange(1), default=usual, show_default=True, metavar="N", help=text)


def seed_option(text: str) -> click.Option:
    """``--seed``: the same one gives the same again."""
    return click.Option(["--seed"], type=int, default=1, show_default=True, metavar="S", help=text)


def document_options() -> list[click.Parameter]:
    """The case records and charge lines that go with the lists."""
    path = click.Path(path_type=Path)
    record = say("这些清单的病案首页，与清单逐项比较；可多次", "The lists' case records, to be compared; repeatable")
    fees = say("这些清单的费用明细；可多次", "The lists' charge lines; repeatable")
    edition = say(
        "首页编码的版本：insurance 医保版、clinical 国临版（默认按装载的码表辨认）",
        "Edition of the records' codes (default: recognise it by the loaded tables)",
    )
    stage = say("还没出院的：出院、结算时才知道的不适用", "Not yet discharged: what is known only then does not apply")
    return [
        click.Option(["--stage"], type=click.Choice(["in_stay"]), help=stage),
        click.Option(["--record"], type=path, multiple=True, metavar="PATH", help=record),
        click.Option(["--fees"], type=path, multiple=True, metavar="PATH", help=fees),
        click.Option(["--record-edition"], type=click.Choice(EDITIONS), help=edition),
    ]


def measuring_options(scheme: str) -> list[click.Parameter]:
    """How lists are read and grouped to be measured; ``scheme``: what the option of the grouping scheme is called."""
    grouping = say("分组方案（默认按地区方案和出院日期）", "The grouping scheme (default: by profile and day)")
    weights = say(
        "病组权重表（病组、权重或基准点数），算 CMI 用", "Weights (or points) of groups, for the case mix index"
    )
    file = click.Path(exists=True, dir_okay=False, path_type=Path)
    return [
        click.Option([scheme], default="", metavar="NAME", shell_complete=completion.schemes, help=grouping),
        click.Option(["--weights"], type=file, metavar="FILE", help=weights),
        *(each for each in document_options() if each.name != "stage"),
        profile_option(),
        codebooks_option(),
        *reading_options(),
    ]


def settlement_option() -> click.Option:
    """Return ``--settlement``, the data that 4101A itself does not have."""
    return click.Option(
        ["--settlement"],
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE",
        help=say(
            "随 4101A 提供的结算数据（性别、年龄等在其中）", "Settlement data that goes with 4101A (sex, age and more)"
        ),
    )


def explain(error: click.UsageError) -> str:
    """What is wrong with the command line, and where the help is."""
    if isinstance(error, click.NoSuchCommand) and error.ctx and isinstance(error.ctx.command, click.Group):
        known = error.ctx.command.list_commands(error.ctx)  # click itself knows only commands that are loaded
        error = click.NoSuchCommand(error.command_name, possibilities=known, ctx=error.ctx)
    command = error.ctx.command_path if error.ctx else "zhikong"
    return say(
        f"用法错误：{_in_chinese(error)}\n用法说明：{command} --help",
        f"Usage error: {error.format_message()}\nHelp: {command} --help",
    )


def _in_chinese(error: click.UsageError) -> str:
    hint = error.param.get_error_hint(error.ctx) if isinstance(error, click.BadParameter) and error.param else ""
    match error:
        case click.MissingParameter():
            text = f"缺少 {hint}"
        case click.BadParameter(param=click.Parameter(type=click.Choice() as choice)):
            text = f"{hint} 应为：{'、'.join(map(str, choice.choices))}"
        case click.BadParameter():
            text = f"{hint} 的值不对：{_why(error.message)}"
        case click.NoSuchOption():
            text = f"没有选项 {error.option_name}{_similar(error.possibilities)}"
        case click.NoSuchCommand():
            text = f"没有命令 {error.command_name}{_similar(error.possibilities)}"
        case click.BadOptionUsage():
            text = f"选项 {error.option_name} 用得不对：{error.message}"
        case _:
            text = error.format_message()
    return text


#: How click ends a sentence on a value -> the sentence in Chinese.
_SENTENCES = {
    "does not exist": "“{}”不存在",
    "is a file": "“{}”是文件，应是文件夹",
    "is a directory": "“{}”是文件夹，应是文件",
    "is not readable": "没有权限读“{}”",
    "is not writable": "没有权限写“{}”",
    "is not a valid integer(?: range)?": "“{}”不是整数",
    "is not a valid float(?: range)?": "“{}”不是数",
    "is not in the range (.*)": "“{}”不在 {} 之内",
}


def _why(sentence: str) -> str:
    """What click says of a value, in Chinese."""
    for end, words in _SENTENCES.items():
        if found := re.fullmatch(rf"(?:[A-Z][a-z]+ )?'?(.*?)'? {end}\.", sentence, re.DOTALL):
            return words.format(*found.groups())
    return sentence


def _similar(names: Iterable[str] | None) -> str:
    return f"；是不是 {'、'.join(names)}？" if names else ""
