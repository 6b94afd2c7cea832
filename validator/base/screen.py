"""The terminal: what is printed may come from a user's file, and no escape sequence in it reaches the terminal."""

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from validator.base.text_width import printable


class Screen(Console):
    """A console that shows control characters of texts instead of sending them."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """The pieces of what is printed; those that rich makes to control the terminal stay."""
        for piece in super().render(renderable, options):
            yield piece if piece.control else Segment(printable(piece.text), piece.style)
