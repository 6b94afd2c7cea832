"""Profiles (``schemas/profiles``): what a region sets for itself, as a small overlay over ``national``."""

from dataclasses import dataclass
from pathlib import Path

from validator import config, paths
from validator.rules import LEVELS, Level
from validator.text import Lang


@dataclass(frozen=True)
class Profile:
    """A region's parameters (``$name`` in SQL), levels by check id or prefix, and checks left out."""

    name: str
    title_zh: str
    title_en: str
    parameters: dict[str, float]
    levels: dict[str, Level]
    ignore: tuple[str, ...]

    def title(self, lang: Lang) -> str:
        """What people call the profile."""
        return self.title_zh if lang == "zh" else self.title_en


def load(name: str) -> Profile:
    """The profile of that name, or of that YAML file; :class:`~validator.errors.ConfigError` names a wrong line."""
    folder = paths.data("schemas") / "profiles"
    path = Path(name) if name.endswith((".yaml", ".yml")) else folder / f"{name}.yaml"
    if not path.is_file():
        known = "、".join(sorted(each.stem for each in folder.glob("*.yaml")))
        raise config.fault(path, None, f"没有这个方案，现有：{known}", f"no such profile; there are: {known}")
    page = config.read_yaml(path)
    config.allow_keys(path, page, {"name", "title_zh", "title_en"}, {"base", "parameters", "levels", "ignore"})
    base = load(str(page["base"])) if page.get("base") else None
    entries = page.get("parameters") or config.Node()
    parameters = {key: _number(path, entries.lines[key], key, entry) for key, entry in entries.items()}
    if base and (unknown := parameters.keys() - base.parameters.keys()):
        key = sorted(unknown)[0]
        raise config.fault(path, entries.lines[key], f"没有参数 {key}", f"there is no parameter {key}")
    levels = page.get("levels") or {}
    for key, level in levels.items():
        if level not in LEVELS:
            raise config.fault(path, levels.lines[key], f"级别应为：{'、'.join(LEVELS)}", f"a level is one of {LEVELS}")
    return Profile(
        page["name"],
        page["title_zh"],
        page["title_en"],
        {**(base.parameters if base else {}), **parameters},
        {**(base.levels if base else {}), **levels},
        (*(base.ignore if base else ()), *(page.get("ignore") or ())),
    )


def _number(path: Path, line: int, key: str, entry: object) -> float:
    value = entry.get("value") if isinstance(entry, config.Node) else entry
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise config.fault(path, line, f"参数 {key} 应有数值 value", f"parameter {key} needs a number as value")
    return float(value)
