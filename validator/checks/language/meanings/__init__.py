"""The constructs of the language: one class each, found by walking the modules of this package."""

from importlib import import_module
from pkgutil import iter_modules

from validator.checks.language.meanings.leaves import LITERAL, NULL
from validator.checks.language.tree import Construct

__all__ = ["BY_NAME", "BY_SQL", "FUNCTIONS", "LITERAL", "NAME", "NULL", "OWN", "PARAMETER"]


def _all(base: type[Construct]) -> list[type[Construct]]:
    return [each for sub in base.__subclasses__() for each in (sub, *_all(sub))]


for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

#: By our own name, and by sqlglot's class or the function's name.
BY_NAME: dict[str, Construct] = {each.name: each() for each in _all(Construct) if hasattr(each, "name")}
BY_SQL: dict[str, Construct] = {each.sql: each for each in BY_NAME.values() if each.sql}
NAME, PARAMETER = BY_NAME["name"], BY_NAME["parameter"]
#: What stands before brackets; those of our own are unknown to sqlglot.
FUNCTIONS = sorted(name for name in BY_NAME if name.replace("_", "").isupper())
OWN = {name: BY_NAME[name] for name in FUNCTIONS if BY_NAME[name].sql == name}
