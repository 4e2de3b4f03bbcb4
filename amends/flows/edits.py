"""Changes to the text of a flow that leave every comment, and all that is not changed, byte for byte as it stands.

Text in, text out. What is changed is found by its place in the YAML; only the smallest part that differs is written
anew (`amends.flows.written`), and spliced in.
"""

from __future__ import annotations

import hashlib
import json
from difflib import SequenceMatcher
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import yaml

from amends.flows.blocks import Block, NoSuchPart, Tree, last, plain, tree_of
from amends.flows.source import Source
from amends.flows.written import SENTENCES, word, written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from amends.flows.source import Path_

__all__ = ["NoSuchPart", "block", "change", "content", "fingerprint", "fingerprints", "insert", "move", "remove"]

MOST_ROUNDS = 2_000
"""A change of more parts than this at once is written anew as a whole."""
_BOM = "\ufeff"

_Splice = tuple[int, int, str]


def block(text: str, path: Path_) -> str:
    """The lines of a part, from its name to the end of its content and with the comments inside it.

    Raises:
        FlowError: the text cannot be read.
        NoSuchPart: the part is not there.
    """
    tree = tree_of(text.removeprefix(_BOM))
    return _cut(tree, *tree.children(tree.node(path[:-1]), path))


def content(text: str) -> dict[Any, Any]:
    """What a text says.

    Raises:
        FlowError: it cannot be read.
    """
    return Source(text.removeprefix(_BOM), "").content


def fingerprint(text: str, path: Path_) -> str:
    """The SHA-256 of a part as it stands: whether somebody else has changed it. Empty when it is not there."""
    try:
        return hashlib.sha256(block(text, path).encode()).hexdigest()
    except NoSuchPart:
        return ""


def fingerprints(text: str) -> dict[Path_, str]:
    """The fingerprint of every element of every section.

    Raises:
        FlowError: the text cannot be read.
    """
    tree = tree_of(text.removeprefix(_BOM))
    found: dict[Path_, str] = {}
    for section, part in tree.content.items():
        for step in part if isinstance(part, dict) else range(len(part)) if isinstance(part, list) else ():
            path = (section, step)
            cut = _cut(tree, *tree.children(tree.node((section,)), path))
            found[path] = hashlib.sha256(cut.encode()).hexdigest()
    return found


def _cut(tree: Tree, key: yaml.Node | None, value: yaml.Node) -> str:
    begin = value.start_mark.index if key is None else key.start_mark.index
    return tree.text[begin : last(value, tree.text)]


def change(text: str, path: Path_, value: Any) -> str:
    """The text with another value at `path`, which need not be there yet if what is around it is.

    Args:
        text: of a flow.
        path: of the part; the last step may be new.
        value: plain mappings, lists, words, numbers, true or false. What equals what stands there is left as it is.

    Raises:
        FlowError: the text cannot be read.
        NoSuchPart: what is around the part is not there.
    """
    mark = _BOM if text.startswith(_BOM) else ""
    text = text.removeprefix(_BOM)
    for _ in range(MOST_ROUNDS):
        tree = tree_of(text)
        splice = _next(tree, path, value)
        if splice is None:
            return mark + text
        start, end, new = splice
        text = text[:start] + new + text[end:]
    message = "a change that does not come to an end"
    raise AssertionError(message)


def insert(text: str, section: str, name: str | None, value: Any, *, before: str | int | None = None) -> str:
    """The text with a new element in a section, at its end or before another one.

    Args:
        text: of a flow.
        section: such as rows; it is made when it is not there.
        name: of the new element; None in a section that is a list.
        value: its content.
        before: name or number of the element before which it goes.

    Raises:
        FlowError: the text cannot be read.
    """
    tree = tree_of(text.removeprefix(_BOM))
    have = tree.content.get(section)
    if name is None:
        items = list(have or [])
        at = len(items) if before is None else int(before)
        return change(text, (section,), [*items[:at], value, *items[at:]])
    names = list(have or {})
    at = names.index(str(before)) if before is not None and str(before) in names else len(names)
    order = [*names[:at], name, *names[at:]]
    return change(text, (section,), {each: value if each == name else (have or {})[each] for each in order})


def remove(text: str, path: Path_) -> str:
    """The text without a part, and without the comments that belong to it.

    Raises:
        FlowError: the text cannot be read.
        NoSuchPart: it is not there.
    """
    tree = tree_of(text.removeprefix(_BOM))
    around = plain(tree.node(path[:-1]))
    tree.node(path)
    if isinstance(around, dict):
        return change(text, path[:-1], {name: part for name, part in around.items() if name != path[-1]})
    return change(text, path[:-1], [part for n, part in enumerate(around) if n != path[-1]])


def move(text: str, path: Path_, by: int) -> str:
    """The text with a part so many places further down, or up when `by` is negative; at most to the end.

    Raises:
        FlowError: the text cannot be read.
        NoSuchPart: it is not there.
    """
    mark = _BOM if text.startswith(_BOM) else ""
    tree = tree_of(text.removeprefix(_BOM))
    parent = tree.node(path[:-1])
    part = tree.node(path)
    values = [child[1] if isinstance(child, tuple) else child for child in parent.value]
    here = next(n for n, value in enumerate(values) if value is part)
    there = max(0, min(len(values) - 1, here + by))
    order = list(range(len(values)))
    order.insert(there, order.pop(here))
    splice = _reorder(tree, path[:-1], parent, order)
    return text if splice is None else mark + tree.text[: splice[0]] + splice[2] + tree.text[splice[1] :]


def _next(tree: Tree, path: Path_, value: Any) -> _Splice | None:
    """The first thing to do so that `value` stands at `path`; None when it does."""
    try:
        node = tree.node(path)
    except NoSuchPart:
        parent = tree.node(path[:-1])
        around = plain(parent)
        if not isinstance(around, dict):
            raise
        return _differs(tree, path[:-1], parent, {**around, str(path[-1]): value})
    return _differs(tree, path, node, value)


def _differs(tree: Tree, path: Path_, node: yaml.Node, value: Any) -> _Splice | None:
    old = plain(node)
    if _same(old, value):
        return None
    if isinstance(node, yaml.MappingNode) and isinstance(value, dict) and value and _in_lines(node):
        return _mapping(tree, path, node, old, value)
    if isinstance(node, yaml.SequenceNode) and isinstance(value, list) and value and _in_lines(node):
        return _sequence(tree, path, node, old, value)
    return _anew(tree, path, node, value)


def _in_lines(node: yaml.CollectionNode) -> bool:
    return not node.flow_style and bool(node.value)


def _same(one: Any, other: Any) -> bool:
    """Equal, and of the same kinds and in the same order: 1 is not true, and a moved name is a change."""
    return json.dumps(one) == json.dumps(other)


def _mapping(tree: Tree, path: Path_, node: yaml.MappingNode, old: dict[str, Any], new: dict[str, Any]) -> _Splice:
    names = list(old)
    blocks = tree.blocks(node)
    kept = [name for name in names if name in new]
    if not kept:
        return _anew(tree, path, node, new)
    for name in names:
        if name not in new:
            return _without(tree, path, node, names.index(name))
    for n, name in enumerate(new):
        if name not in old:
            before = next((each for each in list(new)[n + 1 :] if each in old), None)
            if list(new)[:n] == names[: len(list(new)[:n])] and before is not None:
                return _added(tree, path, blocks, names.index(before), name, new[name])
            return _added(tree, path, blocks, None, name, new[name])
    if names != list(new):
        return _reorder(tree, path, node, [names.index(name) for name in new]) or _anew(tree, path, node, new)
    changed = next(name for name in names if not _same(old[name], new[name]))
    splice = _differs(tree, (*path, changed), tree.children(node, (*path, changed))[1], new[changed])
    assert splice is not None
    return splice


def _sequence(tree: Tree, path: Path_, node: yaml.SequenceNode, old: list[Any], new: list[Any]) -> _Splice:
    one, other = [json.dumps(each) for each in old], [json.dumps(each) for each in new]
    if sorted(one) == sorted(other):
        left = list(enumerate(one))
        order = []
        for each in other:
            found = next(pair for pair in left if pair[1] == each)
            left.remove(found)
            order.append(found[0])
        return _reorder(tree, path, node, order) or _anew(tree, path, node, new)
    blocks = tree.blocks(node)
    operations = SequenceMatcher(None, one, other, autojunk=False).get_opcodes()
    what, i, i2, j, _ = next(each for each in operations if each[0] != "equal")
    if what == "insert":
        return _added(tree, path, blocks, i if i < len(blocks) else None, None, new[j])
    if what == "delete" or i2 - i > len(new) - j:
        return _without(tree, path, node, i) if len(old) > 1 else _anew(tree, path, node, new)
    splice = _differs(tree, (*path, i), node.value[i], new[j])
    assert splice is not None
    return splice


def _without(tree: Tree, path: Path_, node: yaml.CollectionNode, n: int) -> _Splice:
    blocks = tree.blocks(node)
    block = blocks[n]
    if not block.clean:
        return _around(tree, path, [m for m in range(len(blocks)) if m != n])
    end = block.end
    # One of the gaps around it goes with it: that below, or above when it is the last.
    if n + 1 < len(blocks):
        return block.top, blocks[n + 1].top if not tree.text[end : blocks[n + 1].top].strip() else end, ""
    top = block.top
    while n and tree.text[:top].endswith("\n\n"):
        top -= 1
    return top, end, ""


def _added(
    tree: Tree, path: Path_, blocks: Sequence[Block], before: int | None, key: str | None, value: Any
) -> _Splice:
    """A new entry, with an empty line to its neighbour where the others have one."""
    column = blocks[0].column
    gap = len(blocks) > 1 and "\n" in tree.text[blocks[0].end : blocks[1].top]
    new = written(key, value, column, element=_is_element((*path, key or 0)))
    if before is not None and (before or blocks[0].clean):
        at = blocks[before].top
        return at, at, new + ("\n" if gap else "")
    at = blocks[-1].end
    ends = "" if tree.text[:at].endswith("\n") else "\n"
    return at, at, ends + ("\n" if gap else "") + new


def _reorder(tree: Tree, path: Path_, node: yaml.Node, order: Sequence[int]) -> _Splice | None:
    """The blocks in another order; the gaps between them stay where they are. None when nothing moves."""
    if list(order) == list(range(len(order))):
        return None
    if not isinstance(node, yaml.CollectionNode) or not _in_lines(node):
        assert isinstance(node, yaml.CollectionNode)
        return _anew(tree, path, node, _ordered(node, order))
    blocks = tree.blocks(node)
    if not blocks[0].clean:
        return _around(tree, path, order)
    pieces = [_ended(tree.text[each.top : each.end]) for each in blocks]
    gaps = [tree.text[one.end : other.top] for one, other in pairwise(blocks)]
    new = "".join(pieces[n] + gap for n, gap in zip(order, [*gaps, ""], strict=True))
    return blocks[0].top, blocks[-1].end, new


def _ended(piece: str) -> str:
    return piece if piece.endswith("\n") else piece + "\n"


def _ordered(node: yaml.CollectionNode, order: Sequence[int]) -> Any:
    old = plain(node)
    if isinstance(old, dict):
        names = list(old)
        return {names[n]: old[names[n]] for n in order}
    return [old[n] for n in order]


def _around(tree: Tree, path: Path_, order: Sequence[int]) -> _Splice:
    """A list item or the file itself whose first name moves: it is written anew."""
    node = tree.node(path)
    assert isinstance(node, yaml.CollectionNode)
    return _anew(tree, path, node, _ordered(node, order))


def _anew(tree: Tree, path: Path_, node: yaml.Node, value: Any) -> _Splice:
    """The smallest part in lines of its own, or the whole of a part on one line, written anew with its comments."""
    while path:
        parent = tree.node(path[:-1])
        assert isinstance(parent, yaml.CollectionNode)
        if _in_lines(parent):
            break
        value = _with(plain(parent), path[-1], value)
        path, node = path[:-1], parent
    sentence = _is_sentence(path)
    if isinstance(node, yaml.ScalarNode) and not isinstance(value, dict | list) and node.style not in ("|", ">"):
        quoted = node.style in ('"', "'") and isinstance(value, str)
        start, end = node.start_mark.index, node.end_mark.index
        space = " " if start == end and tree.text[start - 1 : start] not in (" ", "\n") else ""
        return start, end, space + word(value, sentence=sentence or quoted)
    step = path[-1]
    values = [child[1] if isinstance(child, tuple) else child for child in parent.value]
    block = tree.blocks(parent)[next(n for n, each in enumerate(values) if each is node)]
    name = None if isinstance(parent, yaml.SequenceNode) else str(step)
    new = written(name, value, block.column, element=_is_element(path))
    start = tree.text.rfind("\n", 0, block.start) + 1 if not block.clean else block.start
    lead = tree.text[start : start + block.column] if not block.clean else " " * block.column
    kept = _comments(tree.text[block.start : block.end], new)
    comments = "".join(" " * block.column + comment + "\n" for comment in kept)
    if not block.clean:
        start, new = block.start, new[block.column :]
        return start, block.end, new + comments
    return block.start, block.end, comments + lead + new[block.column :]


def _with(around: Any, step: str | int, value: Any) -> Any:
    if isinstance(around, dict):
        return {**around, str(step): value}
    return [value if n == step else part for n, part in enumerate(around)]


def _comments(old: str, new: str) -> list[str]:
    """The comments in `old` that are not in `new`."""
    found = []
    tokens = yaml.scan(old, Loader=yaml.SafeLoader)
    covered = 0
    gaps = []
    try:
        for token in tokens:
            if token.start_mark.index > covered:
                gaps.append(old[covered : token.start_mark.index])
            covered = max(covered, token.end_mark.index)
    except yaml.YAMLError:
        pass
    gaps.append(old[covered:])
    for gap in gaps:
        found += [line[line.index("#") :].strip() for line in gap.splitlines() if "#" in line]
    return [comment for comment in found if comment not in new]


def _is_element(path: Path_) -> bool:
    """A question, an option, a row or another rule: it stands in lines."""
    return len(path) <= 2 or path[-2] == "options"


def _is_sentence(path: Path_) -> bool:
    names = [str(step) for step in path if isinstance(step, str)]
    return bool(set(names[-2:]) & SENTENCES)
