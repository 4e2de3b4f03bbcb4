"""A picture in one column, for a phone; and what it has in common with the chart: headings, cards, arrows, links."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from amends.flows.draw_svg import (
    EDGE,
    GROUND,
    INK,
    PAPER,
    SOFT,
    Mark,
    Words,
    add,
    arrow,
    box,
    chip,
    chip_size,
    lay,
    write,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from amends.flows.draw_items import Item, Picture, Stage

    Address = Callable[[str, str], str]
    """Section and id -> the address of that part's place in the editor."""

NARROW = 390
PAD = 11


class Column:
    """Everything under one another, with the chips of a rule inside its card."""

    width: float = NARROW
    margin: float = 12
    columns = 1
    gutter: float = 18

    def __init__(self, picture: Picture, address: Address | None) -> None:
        self.picture = picture
        self._address = address
        self.y = self.margin

    def draw(self) -> Element:
        """The whole picture."""
        name = f"{self.picture.name}-{'narrow' if self.columns == 1 else 'wide'}"
        svg = Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "role": "group", "font-family": "sans-serif"})
        svg.set("aria-labelledby", f"{name}-title")
        svg.set("aria-describedby", f"{name}-desc")
        add(svg, "title", self.picture.title, id=f"{name}-title")
        add(svg, "desc", " ".join(words.text for words in self.picture.about), id=f"{name}-desc")
        self.behind = add(svg, "g", aria_hidden="true")
        self._top(svg)
        for n, stage in enumerate(self.picture.stages):
            self._stage(svg, stage, n)
        high = self.y + self.margin
        ground = add(self.behind, "rect", width=self.width, height=high, fill=GROUND)
        self.behind.remove(ground)
        self.behind.insert(0, ground)
        svg.set("viewBox", f"0 0 {self.width:.0f} {high:.0f}")
        svg.set("width", f"{self.width:.0f}")
        svg.set("height", f"{high:.0f}")
        return svg

    def _top(self, svg: Element) -> None:
        words = (Words(self.picture.title, 26 if self.columns > 1 else 20, bold=True), *self.picture.about)
        laid = lay(words, self.width - 2 * self.margin)
        write(add(svg, "g"), laid, self.margin, self.y)
        self.y += laid.height + 10

    def _stage(self, svg: Element, stage: Stage, n: int) -> None:
        room = self._heading_room(stage)
        laid = lay((Words(stage.title, 18, bold=True), Words(stage.says, 12.5, ink=SOFT, gap=2)), room)
        top = self.y + (30 if n else 8)
        if n:
            x = self.margin + 14
            arrow(self.behind, [(x, self.y + 4), (x, top - 4)], thick=2.5)
        role = "list" if stage.items else "group"
        group = add(svg, "g", role=role, aria_label=f"{stage.title}. {stage.says}")
        write(group, laid, self.margin, top)
        self.y = self._under_heading(group, stage, top, laid.height) + 10
        self._items(group, stage)

    def _heading_room(self, _: Stage) -> float:
        return self.width - 2 * self.margin

    def _under_heading(self, _: Element, __: Stage, top: float, high: float) -> float:
        return top + high

    def _items(self, group: Element, stage: Stage) -> None:
        self._grid(group, stage)

    def _grid(self, group: Element, stage: Stage) -> None:
        """Cards side by side, each line of them as high as its highest; with arrows if their order counts."""
        columns = min(self._columns(stage), max(len(stage.items), 1))
        wide = (self.width - 2 * self.margin - (columns - 1) * self.gutter) / columns
        lines = [stage.items[n : n + columns] for n in range(0, len(stage.items), columns)]
        for n, line in enumerate(lines):
            high = max(self._card_height(item, wide) for item in line)
            for k, item in enumerate(line):
                x = self.margin + k * (wide + self.gutter)
                self._card(self._entry(group, item), item, x, self.y, wide, high)
                if stage.in_order and k:
                    arrow(self.behind, [(x - self.gutter, self.y + 20), (x - 1, self.y + 20)])
            below = self.y + high
            last = n == len(lines) - 1
            if stage.in_order and not last:
                first = self.margin + wide / 2
                end = self.margin + (len(line) - 1) * (wide + self.gutter) + wide / 2
                middle = below + self.gutter / 2
                turn = [(end, below), (end, middle), (first, middle)] if columns > 1 else [(first, below)]
                arrow(self.behind, [*turn, (first, below + self.gutter - 1)])
            self.y = below + (0 if last else self.gutter if stage.in_order else 10)

    def _columns(self, stage: Stage) -> int:
        return 1 if self.columns == 1 else stage.columns or self.columns

    def _entry(self, group: Element, item: Item) -> Element:
        """The element of one item: part of a list, and a link if there are addresses."""
        entry = add(group, "g", role="listitem")
        if self._address is None or not item.id:
            return entry
        return add(entry, "a", href=self._address(item.section, item.id))

    def _card_words(self, item: Item) -> list[Words]:
        ink = item.tone.dark if item.tone else INK
        return [Words(item.title, 13, bold=True, ink=ink), *item.words]

    def _card_height(self, item: Item, wide: float) -> float:
        high = lay(self._card_words(item), wide - 2 * PAD).height + 2 * PAD
        return high + self._chips_height(item.marks, wide - 2 * PAD)

    def _card(self, parent: Element, item: Item, x: float, y: float, wide: float, high: float) -> None:
        group = add(parent, "g", class_="box")
        box(
            group,
            x,
            y,
            wide,
            high,
            fill=item.tone.pale if item.tone else PAPER,
            edge=item.tone.dark if item.tone else EDGE,
        )
        laid = lay(self._card_words(item), wide - 2 * PAD)
        write(group, laid, x + PAD, y + PAD)
        for mark, left, top, room in self._flowing(item.marks, wide - 2 * PAD):
            chip(group, mark, x + PAD + left, y + PAD + laid.height + 8 + top, room)

    def _chips_height(self, marks: Sequence[Mark], room: float) -> float:
        placed = self._flowing(marks, room)
        return max((top + chip_size(mark, wide, fill=True)[1] for mark, _, top, wide in placed), default=-8) + 8

    def _flowing(self, marks: Sequence[Mark], room: float) -> list[tuple[Mark, float, float, float]]:
        """Chips one after the other, each with its left and top and how wide it is.

        One without a caption says no more than its card, and is left out.
        """
        placed = []
        x = y = deepest = 0.0
        for mark in (mark for mark in marks if mark.caption):
            wide, high = chip_size(mark, room)
            if x and x + wide > room:
                x, y, deepest = 0.0, y + deepest + 6, 0.0
            placed.append((mark, x, y, wide))
            x += wide + 6
            deepest = max(deepest, high)
        return placed
