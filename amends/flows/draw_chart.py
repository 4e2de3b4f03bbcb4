"""The wall chart: conditions in words on the left, on the right a lane for each response.

What a rule does to a response stands in its lane, and the never-rules lie across the lanes that they guard. In the
picture of one decision the line of a lane runs only from where its response comes in to where it goes out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from amends.flows.draw_sheet import PAD, Column
from amends.flows.draw_svg import INK, PAPER, Mark, Tone, add, arrow, box, chip, chip_size, lay, write

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from amends.flows.draw_items import Item, Picture, Stage
    from amends.flows.draw_sheet import Address

WIDE = 1280


class Chart(Column):
    """A picture about 1280 pixels wide, or wider if there are many responses."""

    margin = 24
    columns = 3
    gutter = 22
    left = 456
    """How wide the cards beside the lanes are."""
    slimmest = 92
    roles = 146

    def __init__(self, picture: Picture, address: Address | None) -> None:
        super().__init__(picture, address)
        self._lanes_at = self.margin + self.left + 26
        room = WIDE - self._lanes_at - self.roles - self.margin
        self._lane = max(self.slimmest, room / max(len(picture.lanes), 1))
        self._roles_at = self._lanes_at + self._lane * len(picture.lanes)
        self.width = self._roles_at + self.roles + self.margin
        self._lanes_from: float | None = None
        self._turns: dict[str, list[tuple[float, bool]]] = {code: [] for code in picture.lanes}
        """Where the response of a lane comes in or goes out: the height, and which of the two."""
        self._ends: dict[str, float] = {}

    def _heading_room(self, stage: Stage) -> float:
        return self.left if stage.shape != "cards" else super()._heading_room(stage)

    def _under_heading(self, group: Element, stage: Stage, top: float, high: float) -> float:
        """The names of the lanes beside the heading, so that they are at hand at every stage."""
        if stage.shape == "cards":
            return top + high
        if self._lanes_from is not None and (self.picture.path or stage.shape == "foot"):
            return top + high
        if self._lanes_from is None:
            self._lanes_from = top
        labels = add(group, "g", aria_hidden="true")
        deepest = 0.0
        for n, (code, (label, tone)) in enumerate(self.picture.lanes.items()):
            mark = Mark(code, label, "", "added", tone)
            deepest = max(deepest, chip(labels, mark, self._lane_x(n), top, self._lane - 8))
        who = Mark("", "People", "", "plain", Tone(INK, PAPER))
        chip(labels, who, self._roles_at + 4, top, self.roles - 8)
        return top + max(high, deepest)

    def _lane_x(self, n: int) -> float:
        return self._lanes_at + n * self._lane + 4

    def _items(self, group: Element, stage: Stage) -> None:
        if stage.shape == "cards":
            self._grid(group, stage)
            return
        for n, item in enumerate(stage.items):
            if n:
                if stage.in_order:
                    x = self.margin + self.left / 2
                    arrow(self.behind, [(x, self.y), (x, self.y + 15)])
                self.y += 16 if stage.in_order else 9
            self._row(group, item, last=stage.shape == "foot")
        if stage.shape == "foot":
            self._draw_lanes()

    def _row(self, group: Element, item: Item, *, last: bool) -> None:
        """A card on the left, a line from it, and its chips in their lanes, which end here if it is the last."""
        lanes = list(self.picture.lanes)
        stacks: dict[str, list[Mark]] = {}
        for mark in item.marks:
            stacks.setdefault(mark.code if mark.code in lanes else "", []).append(mark)
        words = lay(self._card_words(item), self.left - 2 * PAD)
        tallest = max((self._stack_height(stack, code) for code, stack in stacks.items()), default=0.0)
        high = max(words.height + 2 * PAD, tallest + 6)
        entry = self._entry(group, item)
        card = add(entry, "g", class_="box")
        box(card, self.margin, self.y, self.left, high)
        write(card, words, self.margin + PAD, self.y + PAD)
        middle = self.y + high / 2
        places = [self._place(lanes, code) for code in stacks]
        if places:
            x, wide = max(places)
            start = self.margin + self.left
            add(entry, "line", x1=start, y1=middle, x2=x + wide / 2, y2=middle, stroke=INK, stroke_width=1.5)
            add(entry, "circle", cx=start, cy=middle, r=4, fill=INK)
        for code, stack in stacks.items():
            x, wide = self._place(lanes, code)
            y = middle - self._stack_height(stack, code) / 2
            for mark in stack:
                if mark.code in lanes:
                    self._turn(mark, y, last=last)
                y += chip(entry, mark, x, y, wide) + 5
        self.y += high

    def _place(self, lanes: list[str], code: str) -> tuple[float, float]:
        if code in lanes:
            return self._lane_x(lanes.index(code)), self._lane - 8
        return self._roles_at + 4, self.roles - 8

    def _stack_height(self, stack: list[Mark], code: str) -> float:
        wide = self._lane - 8 if code else self.roles - 8
        return sum(chip_size(mark, wide, fill=True)[1] + 5 for mark in stack) - 5

    def _turn(self, mark: Mark, y: float, *, last: bool) -> None:
        """Note what a mark, whose top is at `y`, does to the line of its lane."""
        if last:
            self._ends[mark.code] = y
        elif mark.look not in ("plain", "not"):
            self._turns[mark.code].append((y + 4, mark.look in ("always", "added", "maybe")))

    def _draw_lanes(self) -> None:
        """The lanes of the responses down to the advice: all of each, or on a path what the response took of it."""
        wide = self._lane - 8
        top = self._lanes_from or self.y
        for n, (code, (_, tone)) in enumerate(self.picture.lanes.items()):
            x = self._lane_x(n)
            end = self._ends.get(code, self.y)
            add(self.behind, "rect", x=x, y=top, width=wide, height=self.y - top, fill=tone.pale, fill_opacity=0.55)
            middle = x + wide / 2
            since: float | None = None if self.picture.path else top
            for y, comes_in in self._turns[code] if self.picture.path else ():
                if comes_in and since is None:
                    since = y
                elif not comes_in and since is not None:
                    add(self.behind, "line", x1=middle, y1=since, x2=middle, y2=y, stroke=tone.dark, stroke_width=4)
                    since = None
            if since is not None:
                thick = 4 if self.picture.path else 2.5
                arrow(self.behind, [(middle, since), (middle, end - 1)], ink=tone.dark, thick=thick)
