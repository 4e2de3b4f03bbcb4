"""Whether a flow file has the right shape: every part there, nothing unknown, words where words belong."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from amends.flows.format import FlowPart
from amends.flows.problems import unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from amends.flows.source import Path_, Source

_ROUNDS = 50
_PLACEHOLDER = "nothing yet"
_TEXTS = frozenset(
    (
        *("ask", "decider", "first_public_line", "how", "label", "limit", "look_again", "name"),
        *("reason", "reference", "says", "starts", "task", "title", "topic", "why"),
    )
)


def read_shape(source: Source) -> FlowPart | None:
    """The file as models, or None when too much of it is missing to go on.

    Every mistake is reported; it is then mended in a copy, so that the rest of the file can be checked too.
    """
    raw = _plain(source.content)
    reported: set[tuple[Path_, str]] = set()
    for _ in range(_ROUNDS):
        try:
            return FlowPart.model_validate(raw)
        except ValidationError as error:
            mistakes = error.errors()
        for mistake in mistakes:
            path = _known(raw, mistake["loc"])
            missing = str(mistake["loc"][-1]) if mistake["type"] == "missing" else ""
            if (path, missing) not in reported:
                reported.add((path, missing))
                in_name = mistake["type"] in ("extra_forbidden", "missing", "string_pattern_mismatch")
                source.report(path, _sentence(mistake, path), key=in_name)
        mended = [_mend(raw, mistake) for mistake in mistakes]
        if not all(mended):
            return None
    return None


def _plain(node: Any) -> Any:
    """A copy that can be changed."""
    if isinstance(node, dict):
        return {key: _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    return node


def _known(raw: Any, loc: Sequence[str | int]) -> Path_:
    """The part of a pydantic location that exists in the file, without the names of union members."""
    path: list[str | int] = []
    node = raw
    for step in loc:
        inside = isinstance(node, dict) and step in node
        if inside or (isinstance(node, list) and isinstance(step, int) and step < len(node)):
            node = node[step]
            path.append(step)
    return tuple(path)


def _fields(path: Path_) -> list[str]:
    """The names that may stand where the last step of `path` stands."""
    models: set[type[BaseModel]] = {FlowPart}
    for step in path[:-1]:
        found = [m.model_fields[step] for m in models if isinstance(step, str) and step in m.model_fields]
        inside = [_models(field.annotation) for field in found]
        models = set().union(*inside) or models
    return sorted({name for m in models for name in m.model_fields})


def _models(annotation: Any) -> set[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return {annotation}
    inside: set[type[BaseModel]] = set()
    for part in getattr(annotation, "__args__", ()):
        inside |= _models(part)
    return inside


_SENTENCES = {
    "string_too_short": "{name} is empty.",
    "too_short": "{name} is empty.",
    "string_too_long": "{name} is too long: at most {max_length} characters.",
    "too_long": "{name} has too many parts: at most {max_length}.",
    "dict_type": "{name} needs named parts below it, as in 'name: value'.",
    "model_type": "{name} needs named parts below it, as in 'name: value'.",
    "list_type": "{name} needs a list: each item on a line of its own, starting with a dash.",
    "string_type": "{name} needs words. Put quotation marks around them if they look like something else.",
    "bool_parsing": "{name} is followed by yes or no.",
    "bool_type": "{name} is followed by yes or no.",
    "int_type": "{name} needs a whole number.",
    "int_parsing": "{name} needs a whole number.",
    "float_type": "{name} needs a number.",
    "float_parsing": "{name} needs a number.",
}


def _sentence(mistake: Any, path: Path_) -> str:
    name = str(path[-1]) if path else "The flow"
    match mistake["type"]:
        case "extra_forbidden":
            return unknown("part", name, _fields(path))
        case "missing":
            where = " > ".join(str(step) for step in path) or "the file"
            return f"'{mistake['loc'][-1]}' is missing from {where}."
        case "string_pattern_mismatch":
            word = str(mistake["input"])[:60]
            return f"'{word}' cannot be a name: use letters, digits and _, starting with a letter."
        case "literal_error":
            return unknown(f"choice for {name}", str(mistake["input"]), _choices(mistake))
    known = _SENTENCES.get(mistake["type"])
    if known:
        return known.format(name=name, **mistake.get("ctx", {}))
    return f"{name}: {mistake['msg'][0].lower()}{mistake['msg'][1:]}."


def _mend(raw: Any, mistake: Any) -> bool:
    """Change the copy so that this mistake is gone; False when there is no harmless way to do so."""
    path = _known(raw, mistake["loc"])
    if mistake["type"] == "missing":
        node: Any = raw
        for step in path:
            node = node[step]
        name = mistake["loc"][-1]
        if not isinstance(node, dict) or not (name in _TEXTS or name == "when"):
            return False
        node.setdefault(name, {} if name == "when" else _PLACEHOLDER)
        return True
    if not path:
        return False
    around: Any = raw
    for step in path[:-1]:
        around = around[step]
    if not isinstance(around, dict):
        return False
    name = path[-1]
    if mistake["type"] == "extra_forbidden":
        meant = get_close_matches(str(name), _fields(path), n=1)
        value = around.pop(name, None)
        if meant:
            around.setdefault(meant[0], value)
        return True
    if name in _TEXTS and around[name] != _PLACEHOLDER:
        around[name] = _PLACEHOLDER
        return True
    harmless = _harmless(mistake)
    if harmless is None or around[name] == harmless:
        return False
    around[name] = harmless
    return True


def _harmless(mistake: Any) -> Any:
    """A value of the right kind, in place of one of the wrong kind."""
    match mistake["type"]:
        case "literal_error":
            return _choices(mistake)[0]
        case "bool_parsing" | "bool_type":
            return False
        case "int_type" | "int_parsing" | "float_type" | "float_parsing":
            return 1
    return None


def _choices(mistake: Any) -> list[str]:
    return re.findall(r"'([^']+)'", mistake["ctx"]["expected"])
