"""What the linter of the rule base says."""

from dataclasses import dataclass, field

#: Kind -> what it means.
KINDS: dict[str, tuple[str, str]] = {
    "contradiction": ("互相矛盾", "contradict each other"),
    "always": ("凡适用必报", "finds every row that it is about"),
    "never": ("永远不报", "can never find anything"),
    "clean": ("对正确的清单也报", "finds something on right lists"),
    "duplicate": ("重复", "say the same"),
    "shadowed": ("被另一条涵盖", "is covered by another"),
    "together": ("总与另一条同时报", "never comes without another"),
    "values": ("值域对不上", "value sets disagree"),
    "outdated": ("例外已过时", "an exception is outdated"),
}


@dataclass(frozen=True)
class BaseFault:
    """One thing that is wrong with the rule base: about one rule or value set, or about two."""

    kind: str
    one: str
    other: str
    zh: str = field(compare=False)
    en: str = field(compare=False)

    @property
    def key(self) -> tuple[str, str, str]:
        """What an exception of ``schemas/reviewed.csv`` names."""
        return self.kind, self.one, self.other
