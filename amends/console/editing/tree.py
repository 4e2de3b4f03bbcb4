"""A form of many nested lines as a tree: dotted field names in, and lines added, removed and moved.

`do.0.when.lines.1.options` is the field of a line in a condition of a step. A node is a mapping; where its names are
numbers it is a list; a leaf is the list of values that were sent under its name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

Node = dict[str, Any]

DEEPEST = 16
"""Fields nested deeper than this are not ours."""


def grow(pairs: Iterable[tuple[str, str]]) -> Node:
    """The tree of the fields of a form; what does not fit into it is left out."""
    root: Node = {}
    for name, value in pairs:
        steps = name.split(".")
        if len(steps) > DEEPEST or not all(steps):
            continue
        node = root
        for step in steps[:-1]:
            inside = node.setdefault(step, {})
            if not isinstance(inside, dict):
                break
            node = inside
        else:
            leaf = node.setdefault(steps[-1], [])
            if isinstance(leaf, list):
                leaf.append(value)
    return root


def leaf(node: Node | None, name: str) -> str:
    """One value, or nothing."""
    values = (node or {}).get(name)
    return values[0] if isinstance(values, list) and values else ""


def leaves(node: Node | None, name: str) -> list[str]:
    """All values under a name."""
    values = (node or {}).get(name)
    return list(values) if isinstance(values, list) else []


def inside(node: Node | None, name: str) -> Node:
    """A node below."""
    found = (node or {}).get(name)
    return found if isinstance(found, dict) else {}


def items(node: Node | None, name: str) -> list[Node]:
    """A list below, in its order."""
    found = inside(node, name)
    numbers = sorted((int(key), key) for key in found if key.isdecimal())
    return [found[key] for _, key in numbers if isinstance(found[key], dict)]


def numbered(nodes: Iterable[Node]) -> Node:
    """A list as a node."""
    return {str(n): node for n, node in enumerate(nodes)}


def press(root: Node, button: str) -> str:
    """Do what a button of the form says: `add:do`, `remove:do.2`, `up:do.2`, `down:do.2`, `line:when`.

    `line` adds a line to the condition at a path, of what is picked in its field `new`.

    Returns:
        The path of what is new or was moved, so that the focus goes there; "" when nothing was done.
    """
    what, _, path = button.partition(":")
    steps = path.split(".")
    if what == "line":
        return _line(root, steps)
    if what == "add":
        parent = _at(root, steps[:-1])
        if parent is None:
            return ""
        nodes = [*items(parent, steps[-1]), {}]
        parent[steps[-1]] = numbered(nodes)
        return f"{path}.{len(nodes) - 1}"
    parent = _at(root, steps[:-2])
    if parent is None or len(steps) < 2 or not steps[-1].isdecimal():
        return ""
    nodes, n = items(parent, steps[-2]), int(steps[-1])
    if n >= len(nodes):
        return ""
    there = {"up": n - 1, "down": n + 1}.get(what, n)
    node = nodes.pop(n)
    if what != "remove":
        nodes.insert(max(0, there), node)
    parent[steps[-2]] = numbered(nodes)
    around = ".".join(steps[:-1])
    return f"{around}.{max(0, min(there, len(nodes) - 1))}" if nodes else around


def _line(root: Node, steps: list[str]) -> str:
    condition = _at(root, steps, make=True)
    if condition is None or not (what := leaf(condition, "new")):
        return ""
    new: Node = {"what": [what], "fresh": ["1"]}
    if what in ("not", "any_of", "all_of"):
        new["parts"] = numbered([{}] if what == "not" else [{}, {}])
    nodes = [*items(condition, "lines"), new]
    condition["lines"] = numbered(nodes)
    condition["new"] = [""]
    return ".".join([*steps, "lines", str(len(nodes) - 1)])


def _at(root: Node, steps: list[str], *, make: bool = False) -> Node | None:
    node = root
    for step in steps:
        found = node.setdefault(step, {}) if make else node.get(step)
        if not isinstance(found, dict):
            return None if found is not None or not make else {}
        node = found
    return node
