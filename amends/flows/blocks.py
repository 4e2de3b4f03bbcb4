"""Where each part of a flow's text begins and ends, comments included: what `edits` cuts out and splices in.

A block is one entry of a mapping or one item of a list that is written on lines of its own. To it belong the comment
lines directly above it, a comment behind it on its last line, and comment lines below it that are indented further.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import yaml

from amends.flows.source import Source, scalar

if TYPE_CHECKING:
    from amends.flows.source import Path_


class NoSuchPart(KeyError):  # noqa: N818 - it reads as what it says
    """There is no part of that name in the text; somebody may have removed it. The message is a sentence."""

    def __str__(self) -> str:
        """The sentence, without the quotation marks of KeyError."""
        return str(self.args[0])


@dataclass(frozen=True)
class Block:
    """A part of a text, in characters. `top` is where its own comments begin, `start` the part itself.

    `end` is behind its last line break; `column` is where its name or its dash stands.
    """

    top: int
    start: int
    end: int
    column: int
    clean: bool
    """Whether nothing but spaces stands before it on its first line."""


@lru_cache(maxsize=4)
def tree_of(text: str) -> Tree:
    """The tree of a text. An editor asks for that of the same text many times, and nothing changes it.

    Raises:
        FlowError: it cannot be read.
    """
    return Tree(text)


class Tree:
    """A flow's text with the nodes of YAML in it.

    Args:
        text: of a flow, without a byte order mark.

    Raises:
        FlowError: it cannot be read.
    """

    def __init__(self, text: str) -> None:
        self.content = Source(text, "").content
        self.text = text
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
        assert root is not None
        self.root: yaml.Node = root

    def node(self, path: Path_) -> yaml.Node:
        """The node at a path.

        Raises:
            NoSuchPart: there is none.
        """
        node = self.root
        for n in range(len(path)):
            node = self.children(node, path[: n + 1])[1]
        return node

    def children(self, parent: yaml.Node, path: Path_) -> tuple[yaml.Node | None, yaml.Node]:
        """The name (None in a list) and the value of the part of `parent` that the last step of the path names."""
        step = path[-1]
        if isinstance(parent, yaml.MappingNode):
            for key, value in parent.value:
                if key.value == str(step):
                    return key, value
        if isinstance(parent, yaml.SequenceNode) and isinstance(step, int) and step < len(parent.value):
            return None, parent.value[step]
        raise NoSuchPart(f"There is nothing called {' > '.join(str(each) for each in path)} any more.")

    def blocks(self, parent: yaml.Node) -> list[Block]:
        """The blocks of a mapping or list that is written in lines."""
        found: list[Block] = []
        floor = 0
        for child in parent.value:
            first, value = child if isinstance(parent, yaml.MappingNode) else (None, child)
            start = first.start_mark.index if first else self.text.rfind("-", floor, max(value.start_mark.index, 1))
            line = self.text.rfind("\n", 0, start) + 1
            column = start - line
            clean = not self.text[line:start].strip()
            end = self._end(last(value, self.text), column)
            top = self._top(line, column, floor) if clean else start
            found.append(Block(top, line if clean else start, end, column, clean))
            floor = end
        return found

    def _end(self, at: int, column: int) -> int:
        """Behind the line in which the content ends, and behind comments below it that are indented further."""
        end = self._behind_line(at)
        look = end
        while look < len(self.text):
            after = self._behind_line(look)
            line = self.text[look:after]
            bare = line.lstrip(" ")
            if bare.startswith("#") and len(line) - len(bare) > column:
                end = after
            elif line.strip():
                break
            look = after
        return end

    def _top(self, line: int, column: int, floor: int) -> int:
        """The beginning of the comment lines directly above a line, but not above `floor`."""
        top = line
        while top > floor:
            before = self.text.rfind("\n", 0, top - 1) + 1
            if before < floor or not self.text[before:top].startswith(" " * column + "#"):
                break
            top = before
        return top

    def _behind_line(self, at: int) -> int:
        found = self.text.find("\n", at)
        return len(self.text) if found < 0 else found + 1


def last(node: yaml.Node, text: str) -> int:
    """Behind the last character of a node's content."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        child = node.value[-1]
        return last(child[1] if isinstance(child, tuple) else child, text)
    end: int = node.end_mark.index
    if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
        while end > node.start_mark.index and text[end - 1] in " \n\r":
            end -= 1
    return end


def plain(node: yaml.Node) -> Any:
    """What a node says, as `Source` reads it."""
    if isinstance(node, yaml.MappingNode):
        return {key.value: plain(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [plain(value) for value in node.value]
    quoted = isinstance(node, yaml.ScalarNode) and node.style
    return node.value if quoted else scalar(node.value)
