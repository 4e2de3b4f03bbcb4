"""Pictures of a flow: as a wall chart, as one column for a phone, and the path of one decision. Pure text out.

On the chart every stage has its conditions in words on the left; on the right each response has a lane of its own
that runs down through all stages to the advice. What a rule does to a response stands in its lane, and the
never-rules lie across the lanes that they guard.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, tostring

from amends.flows.draw_parts import picture_of
from amends.flows.draw_svg import (
    EDGE,
    GROUND,
    INK,
    PAPER,
    SOFT,
    Mark,
    Tone,
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

    from amends.flows.draw_parts import Item, Picture, Stage
    from amends.flows.model import Flow

    Address = Callable[[str, str], str]
    """Section and id -> the address of that part's place in the editor."""

WIDE, NARROW = 1280, 390
_PAD = 11


def draw_flow(flow: Flow, *, address: Address | None = None, narrow: bool = False) -> str:
    """The picture of a flow as SVG.

    Args:
        flow: a loaded flow.
        address: the address of a part's place in the editor, from its section and id; without it, no links.
        narrow: one column, for a phone, instead of the chart for a desk or a wall.
    """
    return render(picture_of(flow), address=address, narrow=narrow)


def render(picture: Picture, *, address: Address | None, narrow: bool) -> str:
    """A picture as SVG."""
    sheet = (_Column if narrow else _Chart)(picture, address)
    return tostring(sheet.draw(), encoding="unicode")


class _Sheet:
    """What both layouts share: the ground, headings, cards in a grid."""

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
        high = lay(self._card_words(item), wide - 2 * _PAD).height + 2 * _PAD
        return high + self._chips_height(item.marks, wide - 2 * _PAD)

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
        laid = lay(self._card_words(item), wide - 2 * _PAD)
        write(group, laid, x + _PAD, y + _PAD)
        for mark, left, top, room in self._flowing(item.marks, wide - 2 * _PAD):
            chip(group, mark, x + _PAD + left, y + _PAD + laid.height + 8 + top, room)

    def _chips_height(self, marks: Sequence[Mark], room: float) -> float:
        placed = self._flowing(marks, room)
        return max((top + chip_size(mark, wide, fill=True)[1] for mark, _, top, wide in placed), default=-8) + 8

    def _flowing(self, marks: Sequence[Mark], room: float) -> list[tuple[Mark, float, float, float]]:
        """Chips one after the other, each with its left and top and how wide it is."""
        placed = []
        x = y = deepest = 0.0
        for mark in marks:
            wide, high = chip_size(mark, room)
            if x and x + wide > room:
                x, y, deepest = 0.0, y + deepest + 6, 0.0
            placed.append((mark, x, y, wide))
            x += wide + 6
            deepest = max(deepest, high)
        return placed


class _Column(_Sheet):
    """Everything under one another, with the chips of a rule inside its card."""


class _Chart(_Sheet):
    """The wall chart: lanes for the responses on the right."""

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
        words = lay(self._card_words(item), self.left - 2 * _PAD)
        tallest = max((self._stack_height(stack, code) for code, stack in stacks.items()), default=0.0)
        high = max(words.height + 2 * _PAD, tallest + 6)
        entry = self._entry(group, item)
        card = add(entry, "g", class_="box")
        box(card, self.margin, self.y, self.left, high)
        write(card, words, self.margin + _PAD, self.y + _PAD)
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
        elif mark.look != "plain":
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
