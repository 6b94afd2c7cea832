"""``zhikong serve``."""

from importlib.util import find_spec
from pathlib import Path

import click

from validator.base.errors import ZhikongError
from validator.base.language import say
from validator.cli.help import Command, catalogue_options, codebooks_option
from validator.cli.intake import gate_option, ledger_options, opened

_LOCAL = ("127.0.0.1", "localhost", "::1")


def command() -> Command:
    """``zhikong serve``."""
    about = say(
        "启动 HTTP 服务：上报前检查清单（不留存），经办机构收单。\n"
        "默认只听本机，台账用内置的 SQLite；还没有密钥时印出一个一天有效的，只印这一次。\n"
        '接口说明在 /openapi.json。需要安装：pip install "zhikong[service]"',
        "Serve over HTTP: lists checked before they are sent (nothing is kept), and the bureau's intake.\n"
        "By default for this machine only, with SQLite; where there is no key yet, one for a day is printed, once.\n"
        'The description is at /openapi.json. Needs: pip install "zhikong[service]"',
    )
    count = click.IntRange(1, 64)
    return Command(
        run,
        about,
        click.Option(["--host"], default="127.0.0.1", show_default=True, metavar="ADDRESS", help=say("听哪个地址", "Address")),
        click.Option(["--port"], type=click.IntRange(1, 65535), default=8400, show_default=True, help=say("端口", "Port")),
        click.Option(["--workers"], type=count, default=1, show_default=True, metavar="N", help=say("进程数", "Processes")),
        gate_option(),
        *catalogue_options(),
        codebooks_option(),
        *ledger_options(),
    )  # fmt: skip


def run(
    host: str, port: int, workers: int, gate: str, profile: str, rules: tuple[Path, ...], codebooks: Path | None, ledger: Path | None,
    database: str,
) -> int:  # fmt: skip
    """Serve until interrupted."""
    if any(find_spec(name) is None for name in ("fastapi", "uvicorn", "prometheus_client")):
        raise ZhikongError(
            '服务需要另装：pip install "zhikong[service]"', 'serving needs: pip install "zhikong[service]"'
        )
    from validator.intake.http import serve
    from validator.intake.http.settings import ServeSettings

    with opened(ledger, database) as book:
        key = serve.first_key(book)
        folder = str(book.folder)
    if key:
        click.echo(say(f"密钥（一天有效，只印这一次）：{key}", f"Key (for a day, printed this once): {key}"))
    if host not in _LOCAL:
        zh = "注意：不加密的 HTTP 对外开放，请在前面放 TLS 反向代理（docs/zh/服务.md）"
        click.echo(say(zh, "Note: plain HTTP is open to others; put a reverse proxy with TLS before it"), err=True)
    click.echo(say(f"服务在 http://{host}:{port}（Ctrl+C 结束）", f"Serving at http://{host}:{port} (Ctrl+C ends it)"))
    settings = ServeSettings(
        folder, database, profile, tuple(str(each.absolute()) for each in rules),
        str(codebooks.absolute()) if codebooks else None, gate, workers,
    )  # fmt: skip
    serve.serve(settings, host, port)
    return 0
