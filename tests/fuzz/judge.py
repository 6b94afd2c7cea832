"""What every run must end in, whatever it is given: exit code 0, 1 or 2, and one sentence that names the file and shows nobody."""

import re
import time
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner, Result

from validator.cli.app import App

#: The person of every input (see ``kinds``): what must not be shown of name, ID, phone and address. A number into which other digits or
#: letters were put is nobody's any more, and is not hidden.
PERSON = {
    "psn_name": "欧阳隐测", "certno": "110105198003070029", "coner_tel": "13987650021", "curr_addr": "示例市朝阳区隐私路七十七号九单元",
}  # fmt: skip
SHOWN = re.compile(
    "阳隐测|(?<![0-9A-Za-z])(?:(?:110105)?19800307002[0-9Xx]?|(?:13)?98765002[0-9]?)(?![0-9A-Za-z])|七十七号"
)
_ENGLISH = re.compile(r"(?:\b[a-z]{2,}\b[ ,]+){4,}")
_CHINESE = re.compile("[一-鿿]{5,}")
_QUOTED = re.compile("（[^）]*）|“[^”]*”|'[^']*'|--[a-z]+")  #: the user's own text
_SECONDS = 20  #: of CPU
_LONGEST = 2_000  #: characters of what a refusal shows


@dataclass(frozen=True)
class Run:
    """The command's arguments, and the words of which one at least must be in a refusal: the input's names."""

    arguments: list[str]
    names: tuple[str, ...]


def faults(run: Run) -> list[str]:
    """What is wrong with how the run ended; empty if nothing."""
    return judged(run)[0]


def judged(run: Run) -> tuple[list[str], Result]:
    """The faults, and how the run ended."""
    before = time.process_time()
    result = CliRunner().invoke(App(), run.arguments)
    seconds = time.process_time() - before
    shown = result.output
    found = [f"took {seconds:.0f} s"] if seconds > _SECONDS else []
    if result.exception and not isinstance(result.exception, SystemExit):
        found.append(f"raised {result.exception!r}"[:300])
    if result.exit_code not in (0, 1, 2):
        found.append(f"exit code {result.exit_code}")
    if "程序内部出错" in shown:
        found.append("an internal error")
    if SHOWN.search(shown):
        found.append("shows a person")
    if "\x1b" in shown:
        found.append("an escape sequence")
    if result.exit_code == 2:
        found += _of_sentence(run, shown)
    return found, result


def _of_sentence(run: Run, shown: str) -> list[str]:
    """What is wrong with the sentence of a refusal."""
    found = [] if any(name in shown for name in run.names) else [f"names no place: {shown[:200]}"]
    foreign = _CHINESE if "en" in run.arguments else _ENGLISH
    if words := foreign.search(_QUOTED.sub("", shown)):
        found.append(f"partly in another language: {words[0][:80]}")
    if len(shown) > _LONGEST:
        found.append(f"{len(shown)} characters long")
    return found


def named(path: Path) -> tuple[str, ...]:
    """How a refusal may name the input."""
    return (path.name, path.stem)
