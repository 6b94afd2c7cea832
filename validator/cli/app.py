"""The group of commands: finds them by walking the folder, speaks the asked language, turns failures into exit codes.

Exit codes: 0 nothing at or above ``--fail-on`` · 1 findings at or above it · 2 could not run · 130 interrupted.
"""

import errno
import logging
import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import copy_context
from typing import Any

import click

from validator import __version__
from validator.base import language
from validator.base.errors import ZhikongError
from validator.base.language import Lang, say
from validator.base.text_width import printable
from validator.cli import commands
from validator.cli.help import CommandGroup, common_options, explain

CANNOT_RUN, INTERRUPTED = 2, 130


class App(CommandGroup):
    """``zhikong``."""

    def __init__(self) -> None:
        super().__init__(commands, "zhikong", "", [])

    def main(self, args: Sequence[str] | None = None, *_: Any, **__: Any) -> Any:
        """Run and exit; the language asked for holds for this run only."""
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):  # files and pipes get UTF-8; a console that lacks a character shows "?"
                stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="replace")
        sys.exit(copy_context().run(self.run, list(sys.argv[1:] if args is None else args)))

    def run(self, arguments: list[str]) -> int:
        """The exit code of one run; every failure is reported in one sentence."""
        language.use(asked_language(arguments))
        self.params = [version_option(), *common_options()]
        try:
            with details("--debug" in arguments):
                return super().main(arguments, "zhikong", standalone_mode=False) or 0
        except click.Abort:
            return complain(say("已中断。", "Interrupted."), INTERRUPTED)
        except click.UsageError as error:
            return complain(explain(error))
        except ZhikongError as error:
            return complain(str(error))
        except OSError as error:
            return complain(cannot_access(error))
        except Exception as error:  # noqa: BLE001 (the last net: a user gets a sentence, `--debug` gets the traceback)
            if "--debug" in arguments:
                traceback.print_exc()
            return complain(own_fault(type(error).__name__))

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """What zhikong is for."""
        formatter.write_paragraph()
        formatter.write_text(
            say(
                "医保结算清单（4101、4101A）上传前的质控：查出问题，说明怎么改。",
                "Checks settlement lists (4101, 4101A) before they are uploaded, and says how to fix what is wrong.",
            )
        )


@contextmanager
def details(wanted: bool) -> Iterator[None]:
    """What happens inside, on the error stream, where it is ``wanted``."""
    log, handler = logging.getLogger("validator"), logging.StreamHandler()
    if wanted:
        log.setLevel(logging.DEBUG)
        log.addHandler(handler)
    try:
        yield
    finally:
        log.setLevel(logging.NOTSET)
        log.removeHandler(handler)


def version_option() -> click.Option:
    """``--version``."""

    def show(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
        if wanted:
            click.echo(f"zhikong {__version__}")
            ctx.exit()

    return click.Option(
        ["--version"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=show,
        help=say("显示版本", "Show the version"),
    )


def asked_language(arguments: list[str]) -> Lang:
    """``--lang`` wherever it stands, else ``ZHIKONG_LANG``, else Chinese; click itself complains about a wrong one."""
    wanted = os.environ.get("ZHIKONG_LANG", "zh")
    for place, argument in enumerate(arguments):
        if argument == "--lang":
            wanted = "".join(arguments[place + 1 : place + 2])
        elif argument.startswith("--lang="):
            wanted = argument.removeprefix("--lang=")
    return "en" if wanted == "en" else "zh"


_REFUSED = {
    errno.ENOSPC: ("磁盘已满", "the disk is full"),
    errno.EDQUOT: ("磁盘配额已用完", "the disk quota is used up"),
    errno.EFBIG: ("文件超过系统允许的大小", "the file is larger than the system allows"),
    errno.EROFS: ("磁盘是只读的", "the disk is read-only"),
    errno.ENOENT: ("没有这个文件或文件夹", "no such file or folder"),
    errno.EEXIST: ("已有同名的文件", "a file of that name exists"),
    errno.ENOTDIR: ("路径中有一段不是文件夹", "part of the path is no folder"),
    errno.EISDIR: ("这是文件夹，不是文件", "a folder, not a file"),
    errno.ENAMETOOLONG: ("名称太长", "the name is too long"),
    errno.EMFILE: ("打开的文件太多", "too many open files"),
    errno.EIO: ("磁盘读写出错，可能已满", "the disk failed; it may be full"),
}


_LONGEST = 300  #: characters of a file's name in a message


def cannot_access(error: OSError) -> str:
    """What the operating system refused, with the usual cause on Windows."""
    name = f" {str(error.filename)[:_LONGEST]} " if error.filename else ""
    if isinstance(error, PermissionError):
        return say(
            f"没有权限读写{name}：若它正在 Excel 或 WPS 中打开，请关闭后重试。",
            f"No permission for {name.strip() or 'a file'}: if it is open in Excel, close it and try again.",
        )
    zh, en = _REFUSED.get(error.errno or 0, ("", error.strerror or type(error).__name__))
    zh = zh or f"系统错误 {error.errno or type(error).__name__}"
    return say(f"读写{name}失败：{zh}", f"Cannot read or write{name.rstrip()}: {en}")


def own_fault(name: str) -> str:
    """What to tell when zhikong itself is wrong; the exception's own text is left out, it may hold a patient's data."""
    return say(
        f"程序内部出错（{name}），不是您的数据的错。加 --debug 再运行可看详情；反馈前请去掉其中的病人信息。",
        f"zhikong itself failed ({name}); your data is not to blame. "
        "Run again with --debug for the traceback, and take any patient's data out of it before you report it.",
    )


def complain(message: str, code: int = CANNOT_RUN) -> int:
    """Say why on the error stream, where anybody can hear it."""
    with suppress(OSError):
        click.echo(printable(message), err=True)
    return code
