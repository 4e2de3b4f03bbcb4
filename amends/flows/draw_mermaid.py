"""A picture as a Mermaid flowchart, for places that draw those: wikis, merge requests, notes.

It has what decides, without the reasons and the options, which would make it too large for such a place.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from amends.flows.draw_svg import SOFT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from amends.flows.draw_items import Item, Picture, Stage

_SET_UP = '%%{init: {"flowchart": {"wrappingWidth": 420, "htmlLabels": true}}}%%'
_MEANS_SOMETHING = re.compile(r"[^\w .,:;!?'()/·\u2013\u2014\u2018\u2019\u201c\u201d-]")


def as_mermaid(picture: Picture) -> str:
    """The picture as the text of a Mermaid flowchart: a box for each stage, in it a node for each part."""
    lines = [_SET_UP, "flowchart TD", f"accTitle: {_plain(picture.title)}"]
    for n, stage in enumerate(picture.stages):
        lines += _stage(n, stage)
        if n:
            lines.append(f"s{n - 1} --> s{n}")
    return "\n".join([*lines, *_guards(picture), *_colours(picture)]) + "\n"


def _stage(n: int, stage: Stage) -> Iterator[str]:
    yield f'subgraph s{n}["{_label(stage.title)}"]'
    yield "direction TB"
    if not stage.items:
        yield f's{n}none["{_label("Nothing here")}"]'
    for k, item in enumerate(stage.items):
        yield f's{n}i{k}["{_node(item, with_marks=stage.shape != "foot")}"]'
        if k:
            yield f"s{n}i{k - 1} {'-->' if stage.in_order else '~~~'} s{n}i{k}"
    yield "end"


def _node(item: Item, *, with_marks: bool) -> str:
    words = [f"<b>{_label(item.title)}</b>", *(_label(words.text) for words in item.words if words.ink != SOFT)]
    marks = [
        f"<b>{_label(f'{mark.caption}: {mark.label}'.removeprefix(': '))}</b>" for mark in item.marks if with_marks
    ]
    return "<br/>".join([*words, *marks])


def _guards(picture: Picture) -> Iterator[str]:
    """A line from each never-rule to the response that it guards."""
    foot = {
        mark.code: f"s{n}i{k}"
        for n, stage in enumerate(picture.stages)
        if stage.shape == "foot"
        for k, item in enumerate(stage.items)
        for mark in item.marks
    }
    for n, stage in enumerate(picture.stages):
        for k, item in enumerate(stage.items):
            for mark in item.marks:
                if mark.look == "guard" and mark.code in foot:
                    yield f's{n}i{k} -. "{_label(mark.caption)}" .-> {foot[mark.code]}'


def _colours(picture: Picture) -> Iterator[str]:
    for n, stage in enumerate(picture.stages):
        for k, item in enumerate(stage.items):
            if item.tone is not None:
                yield f"style s{n}i{k} fill:{item.tone.pale},stroke:{item.tone.dark},color:#1f2328"


def _label(text: str) -> str:
    """Words inside quotation marks: what Mermaid would read as its own is written as a number."""
    return _MEANS_SOMETHING.sub(_number, " ".join(text.split())) or " "


def _number(found: re.Match[str]) -> str:
    return f"#{ord(found[0])};"


def _plain(text: str) -> str:
    return " ".join(_MEANS_SOMETHING.sub(" ", text).split()).replace(";", ",")
