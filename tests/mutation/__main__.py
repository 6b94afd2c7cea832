"""``python -m tests.mutation``: the share of mutants that the cases notice, page by page, and those that survive."""

from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from multiprocessing import get_context

import click

from tests import mutation

KINDS = ("rule", "fact", "field")


@click.command()
@click.option("--rule", "--only", "only", multiple=True, help="a rule, fact or field (4101/setlinfo.gend); several")
@click.option("--kind", type=click.Choice(KINDS), multiple=True)
@click.option("--slice", "share", default="100%", help="a share of the pages, such as 5%")
@click.option("--seed", default=1)
@click.option("--jobs", default=1)
@click.option("--all", "every", is_flag=True, help="name pages whose mutants are all killed too")
def main(only: tuple[str, ...], kind: tuple[str, ...], share: str, seed: int, jobs: int, *, every: bool) -> None:
    """Mutate rules, facts and fields and run their cases; exit 1 where a mutant survives."""
    part = float(share.rstrip("%")) / 100
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        found = list(
            pool.map(
                mutation.run, repeat(kind or KINDS), repeat(only), repeat(part), repeat(seed), range(jobs), repeat(jobs)
            )
        )
    counts: mutation.Counts = {}
    survivors: dict[str, list[str]] = defaultdict(list)
    for some, more in found:
        counts |= some
        for page, words in more:
            survivors[page].append(words)
    for (_, page), ended in counts.items():
        if every or survivors[page]:
            click.echo(f"{page}: {_share(ended)}")
            for words in survivors[page]:
                click.echo(f"    {words}")
    for name in KINDS:
        total = sum((ended for (of, _), ended in counts.items() if of == name), Counter[str]())
        if total:
            click.echo(f"{name}: {_share(total)}; {dict(total)}")
    total = sum(counts.values(), Counter[str]())
    click.echo(f"all: {_share(total)}; {dict(total)}")
    raise SystemExit(bool(total["survived"]))


def _share(ended: Counter[str]) -> str:
    """How many of those that a case could notice are noticed."""
    most = ended["killed"] + ended["survived"]
    return f"{ended['killed']}/{most}" + (f" = {ended['killed'] / most:.1%}" if most else "")


if __name__ == "__main__":
    main()
