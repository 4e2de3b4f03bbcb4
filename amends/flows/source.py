"""A YAML file with the place of everything in it.

Read as YAML 1.2, so that `yes`, `no` and `on` stay words. Anchors, tags and several documents in one file
are refused: a policy owner would not see what they do.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NoReturn

import yaml

from amends.flows.problems import FlowError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LARGEST_BYTES = 1_000_000
"""A flow larger than this is a mistake: the shipped one has about 150 kB."""

DEEPEST = 40
"""Conditions nested deeper than this cannot be read by anybody."""

Path_ = tuple[str | int, ...]
Place = tuple[int, int]

# The plain scalars of YAML 1.2's core schema that are not words.
_NULL = re.compile(r"(?:null|Null|NULL|~|)\Z")
_TRUE = re.compile(r"(?:true|True|TRUE)\Z")
_FALSE = re.compile(r"(?:false|False|FALSE)\Z")
_INT = re.compile(r"[-+]?[0-9]{1,18}\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]{1,18}(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,3})?\Z")


# Characters that cannot be seen and change what is: directions, zero widths, controls.
_UNSEEN = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)


def text_of(file: Path) -> str:
    """The text in a file that an owner edits.

    Raises:
        FlowError: it cannot be read, is too large, or is not in UTF-8.
    """
    try:
        if file.stat().st_size > LARGEST_BYTES:
            raise FlowError([Problem(str(file), 1, 1, f"The file is larger than {LARGEST_BYTES:,} bytes.")])
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        raise FlowError([Problem(str(file), 1, 1, f"The file cannot be read: {reason}.")]) from error


class Source:
    """The content of a flow file and, for each part of it, its line and column.

    Args:
        text: what stands in the file.
        file: its name, for messages.

    Raises:
        FlowError: the text is empty, too large or not YAML.
    """

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self._places: dict[Path_, tuple[Place, Place]] = {}
        if len(text.encode(errors="replace")) > LARGEST_BYTES:
            self._stop((1, 1), f"The file is larger than {LARGEST_BYTES:,} bytes. Split it into several.")
        if not text.strip():
            self._stop((1, 1), "The file is empty.")
        for n, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
            self._refuse_unseen(line, n, 1)
        self.content: dict[Any, Any] = self._read(text)

    def report(self, path: Path_, message: str, *, key: bool = False) -> None:
        """Note a mistake in the part at `path`; with `key`, in its name rather than its value."""
        line, column = self.place(path, key=key)
        self.problems.append(Problem(self.file, line, column, message))

    def place(self, path: Path_, *, key: bool = False) -> Place:
        """Line and column, from 1, of the part at `path`, or of the nearest part around it."""
        while path and path not in self._places:
            path = path[:-1]
        places = self._places.get(path, ((1, 1), (1, 1)))
        return places[0] if key else places[1]

    def path_at(self, line: int, column: int) -> Path_:
        """The deepest part that begins at a place, or the last one before it: what `place` gave."""
        exact = [path for path, places in self._places.items() if (line, column) in places]
        if exact:
            return max(exact, key=len)
        before = [(places[0], path) for path, places in self._places.items() if places[0] <= (line, column)]
        return max(before, default=((1, 1), ()))[1]

    def _read(self, text: str) -> dict[Any, Any]:
        try:
            events = yaml.parse(text, Loader=yaml.CSafeLoader)
            return self._document(events)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            place = _place(mark) if mark else (1, 1)
            self._stop(place, f"This cannot be read as YAML: {error.problem or error.context}.")
        except yaml.YAMLError as error:
            self._stop((1, 1), f"This cannot be read as YAML: {str(error).splitlines()[0]}.")
        except UnicodeEncodeError:
            self._stop((1, 1), "This cannot be read as YAML: it has characters that are not text.")

    def _document(self, events: Iterator[yaml.Event]) -> dict[Any, Any]:
        content: Any = None
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._stop(_place(event.start_mark), "A second document starts here. A file holds one flow.")
            elif isinstance(event, yaml.NodeEvent):
                content = self._node(event, events, ())
        if not isinstance(content, dict):
            self._stop((1, 1), "The file starts with names, as in 'flow: its_name'. This is a list or a single value.")
        return content

    def _node(self, event: yaml.Event, events: Iterator[yaml.Event], path: Path_) -> Any:
        place = _place(event.start_mark)
        if isinstance(event, yaml.AliasEvent):
            self._stop(place, "An alias (*name) is not allowed here. Write the part out.")
        assert isinstance(event, yaml.NodeEvent)
        if event.anchor:
            self._stop(place, "An anchor (&name) is not allowed here. Write the part out where it is used.")
        if getattr(event, "tag", None):
            self._stop(place, "A tag (!name) is not allowed here. Write the plain value.")
        if len(path) > DEEPEST:
            self._stop(place, "This is nested too deeply to be read by anybody.")
        self._places.setdefault(path, (place, place))
        if isinstance(event, yaml.ScalarEvent):
            self._refuse_unseen(event.value, *place)
            return scalar(event.value) if event.implicit[0] else event.value
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Any] = []
            while not isinstance(event := next(events), yaml.SequenceEndEvent):
                items.append(self._node(event, events, (*path, len(items))))
            return items
        return self._mapping(events, path)

    def _mapping(self, events: Iterator[yaml.Event], path: Path_) -> dict[Any, Any]:
        content: dict[Any, Any] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            place = _place(event.start_mark)
            if not isinstance(event, yaml.ScalarEvent):
                self._stop(place, "A name is one word, not a list or several names.")
            key = event.value
            if key in content:
                self._stop(place, f"{key} stands here twice. Rename or remove one.")
            value = next(events)
            self._places[(*path, key)] = (place, _place(value.start_mark))
            content[key] = self._node(value, events, (*path, key))
        return content

    def _refuse_unseen(self, text: str, line: int, column: int) -> None:
        found = _UNSEEN.search(text)
        if found:
            place = (line, column + found.start())
            self._stop(
                place, f"An invisible character (U+{ord(found[0]):04X}) stands here. Delete it, or type the line anew."
            )

    def _stop(self, place: Place, message: str) -> NoReturn:
        raise FlowError([Problem(self.file, *place, message)])


def _place(mark: Any) -> Place:
    return mark.line + 1, mark.column + 1


def scalar(word: str) -> Any:
    """What a word without quotation marks says: a number, true or false, nothing, or the word itself."""
    if _INT.match(word):
        return int(word)
    if _FLOAT.match(word):
        return float(word)
    if _TRUE.match(word):
        return True
    if _FALSE.match(word):
        return False
    return None if _NULL.match(word) else word
