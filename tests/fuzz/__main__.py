"""``python -m tests.fuzz COUNT``: broken inputs from a seed, each in a process whose memory is bounded."""

import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path

import click

from tests.fuzz import one
from tests.fuzz.kinds import KINDS


@click.command()
@click.argument("count", type=int)
@click.option("--seed", default=1)
@click.option("--kind", type=click.Choice([*KINDS]), multiple=True)
@click.option("--number", type=int, help="only this input; kept in --to")
@click.option("--to", type=click.Path(path_type=Path))
def main(count: int, seed: int, kind: tuple[str, ...], number: int | None, to: Path | None) -> None:
    """Run COUNT inputs of each kind and print what is wrong with how any of them ended."""
    wrong = 0
    for name in kind or KINDS:
        numbers = range(count) if number is None else [number]
        for each, found in _run(name, seed, list(numbers), to):
            wrong += bool(found)
            for fault in found:
                click.echo(f"{name} {each}: {fault}")
    click.echo(f"{wrong} of {len(kind or KINDS) * (count if number is None else 1)} wrong (seed {seed})")
    raise SystemExit(bool(wrong))


def _run(kind: str, seed: int, numbers: list[int], to: Path | None) -> Iterator[tuple[int, list[str]]]:
    """Yield each number and its faults; a worker that dies is a fault of the number that it was at, and the rest go on."""
    at = 0
    with tempfile.TemporaryDirectory() as scratch:
        while at < len(numbers):
            with ProcessPoolExecutor(1, get_context("spawn"), one.bounded) as pool:
                for each in numbers[at:]:
                    folder, at = (to or Path(scratch)) / f"{kind}-{each}", at + 1
                    try:
                        yield each, pool.submit(one.faults, kind, seed, each, folder, keep=to is not None).result()
                    except BrokenProcessPool:
                        yield each, ["the process died"]
                        break


if __name__ == "__main__":
    main()
