"""The manifest of a scoring: what went in and came out, by hash, and by whose key it is signed. No time of the run: a year later
the same run gives the same bytes.
"""

import json
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl

from validator import __version__
from validator.base import files
from validator.base.errors import InputError
from validator.scoring.scheme.run import Scoring

MANIFEST, SIGNATURE = "manifest.json", "manifest.sig.json"


def write(found: Scoring, folder: Path, written: Sequence[Path], key: Path | None) -> list[Path]:
    """Write the manifest, and its signature where there is a key; gives their paths."""
    text = json.dumps(_manifest(found, written), ensure_ascii=False, sort_keys=True, indent=1) + "\n"
    made = [_text(folder / MANIFEST, text)]
    if key is None:
        (folder / SIGNATURE).unlink(missing_ok=True)
        return made
    from validator.intake.signing import sign

    signed = sign(text, key)
    content = {"key": signed.key, "signature": signed.signature, "algorithm": "Ed25519", "file": MANIFEST}
    return [*made, _text(folder / SIGNATURE, json.dumps(content, sort_keys=True, indent=1) + "\n")]


def _text(path: Path, text: str) -> Path:
    with files.replacing(path) as scratch:
        scratch.write_text(text, encoding="utf-8", newline="\n")
    return path


def _manifest(found: Scoring, written: Sequence[Path]) -> dict[str, Any]:
    schemes = [each for each in (found.scheme, found.against) if each]
    return {
        "period": [found.period.begin.isoformat(), found.period.end.isoformat()],
        "schemes": [{"name": each.name, "version": each.version, "sha256": _sha(each.path)} for each in schemes],
        "inputs": {
            name: [each for path in paths for each in _hashes(path)] for name, paths in found.inputs.items() if paths
        },
        "judged_by": _judged_by(found),
        "rejudged": len(found.rejudged),
        "hospitals": len(found.sheets),
        "outputs": {path.name: _sha(path) for path in written},
        "versions": {"zhikong": __version__, "polars": pl.__version__},
    }


def _judged_by(found: Scoring) -> dict[str, Any] | None:
    """What lists were checked and grouped by; None where a table of indicators was given."""
    if found.measurement is None:
        return None
    from validator.intake.judging import digest_of

    report = found.measurement.report
    return {"profile": report.profile, "checks": digest_of(report), "grouping": list(found.measurement.schemes)}


def _hashes(path: Path) -> Iterator[dict[str, Any]]:
    """The name, size and hash of a file, or of all files in a folder."""
    if not path.exists():
        return
    for each in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if each.is_file():
            name = each.relative_to(path).as_posix() if path.is_dir() else each.name
            yield {"name": name, "bytes": each.stat().st_size, "sha256": _sha(each)}


def _sha(path: Path) -> str:
    with path.open("rb") as file:
        made = sha256()
        while part := file.read(1 << 20):
            made.update(part)
    return made.hexdigest()


def verify(folder: Path) -> list[str]:
    """The files of a scoring that are not as its manifest says; with the manifest itself where its signature does not hold.

    Raises :class:`~validator.base.errors.InputError` where there is no manifest.
    """
    try:
        text = (folder / MANIFEST).read_text(encoding="utf-8")
        outputs = json.loads(text)["outputs"]
        wrong = [name for name, sha in outputs.items() if not (folder / name).is_file() or _sha(folder / name) != sha]
        if (folder / SIGNATURE).is_file():
            from validator.intake.signing import Signed

            signed = json.loads((folder / SIGNATURE).read_text(encoding="utf-8"))
            if not Signed(text, signed["signature"], signed["key"]).holds:
                wrong.append(MANIFEST)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{folder}：没有评分清单 {MANIFEST}，或读不了", f"{folder}: no manifest {MANIFEST}, or it cannot be read"
        ) from error
    return wrong
