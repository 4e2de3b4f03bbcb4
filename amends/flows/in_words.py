"""Conditions in plain words, as they would be read aloud: 'who could be hurt: “Nobody”'.

They are told from the text of the file, not from the compiled condition, so that a term is told by what it
says and not by all that it stands for.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from amends.flows.problems import either
from amends.flows.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from amends.flows.model import Flow, Question

_ASIDE = re.compile(r"\s*\([^()]*\)|(?:: | - | \u2013 ).*$", re.DOTALL)
_SHORTEST = 2


def content_of(flow: Flow) -> dict[Any, Any]:
    """The file of a flow as plain lists and names."""
    return Source(flow.source, flow.id).content


def short_labels(question: Question) -> dict[str, str]:
    """Each option's label without its aside: 'Harmless slip' for 'Harmless slip: typo, test post'.

    An option keeps its whole label where the short one would be that of another option, too.
    """
    labels = {code: " ".join(option.label.split()) for code, option in question.options.items()}
    short = {code: _ASIDE.sub("", label) for code, label in labels.items()}
    told = list(short.values())
    return {
        code: label if told.count(short[code]) > 1 or len(short[code]) < _SHORTEST else short[code]
        for code, label in labels.items()
    }


class InWords:
    """Tells the conditions of one flow."""

    def __init__(self, flow: Flow) -> None:
        self.content = content_of(flow)
        self._flow = flow
        self._labels = {name: short_labels(question) for name, question in flow.questions.items()}
        self._groups: Mapping[str, Any] = self.content.get("groups") or {}
        self._terms: Mapping[str, Any] = self.content.get("terms") or {}
        self._settings: Mapping[str, Any] = self.content.get("settings") or {}

    def label(self, question: str, option: str) -> str:
        """The short label of an option."""
        return self._labels[question][option]

    def parts(self, when: Mapping[str, Any] | None) -> list[str]:
        """What has to hold, one sentence part for each; nothing for a condition that always holds."""
        return [told for key, value in (when or {}).items() for told in self._part(str(key), value)]

    def whole(self, when: Mapping[str, Any] | None) -> str:
        """The condition in one piece; 'always' when nothing has to hold."""
        return ", and ".join(self.parts(when)) or "always"

    def step(self, raw: Any) -> tuple[str, str]:
        """A step of a row as it stands in the file: its response or role, and on which condition ('' if always)."""
        if not isinstance(raw, dict):
            return str(raw), ""
        code, part = next(iter(raw.items()))
        return str(code), self.only_if(part)

    def only_if(self, part: Mapping[str, Any] | None) -> str:
        """The `when` and `unless` of a part: 'only if ...', 'unless ...', or ''."""
        part = part or {}
        said = []
        if part.get("when"):
            said.append(f"only if {self.whole(part['when'])}")
        if part.get("unless"):
            said.append(f"unless {self.whole(part['unless'])}")
        return ", and ".join(said)

    def _part(self, key: str, value: Any) -> list[str]:
        if key == "all_of":
            return [told for part in value for told in self.parts(part)]
        if key == "any_of":
            several = [self.parts(part) for part in value]
            if any(not parts for parts in several):
                return []
            told = ", or ".join(_grouped(parts) for parts in several)
            return [f"either {told}" if len(several) > 1 else told]
        if key == "not":
            return [self._not(value)]
        if key in self._flow.questions:
            return self._question(self._flow.questions[key], value)
        if key in self._terms:
            says = lower(str(self._terms[key]["says"]).rstrip("."))
            return [says if _yes(value) else f"it is not so that {says}"]
        if key in self._settings:
            return [f"the setting “{self.setting(key)}” is {'on' if _yes(value) else 'off'}"]
        return [self._special(key, _listed(value), holds=True)]

    def setting(self, name: str) -> str:
        """What a setting says, without its aside."""
        return _ASIDE.sub("", str(self._settings[name]["says"]).rstrip("."))

    def _not(self, value: Any) -> str:
        if isinstance(value, dict) and len(value) == 1:
            key, inner = next(iter(value.items()))
            if key in ("recommended", "gate", "row"):
                return self._special(str(key), _listed(inner), holds=False)
            if key in self._flow.questions and isinstance(inner, dict) and set(inner) <= {"only", "exactly"}:
                question = self._flow.questions[key]
                told = [
                    f"something besides {self._options(question, part)}"
                    if operator == "only"
                    else f"anything but just {self._options(question, part, 'and')}"
                    for operator, part in inner.items()
                ]
                return f"{question.topic}: {either(told)}"
        parts = self.parts(value)
        if not parts:
            return "never"
        return f"it is not so that {_grouped(parts)}"

    def _special(self, key: str, names: list[str], *, holds: bool) -> str:
        if key == "recommended":
            labels = either([quoted(self._flow.codes[name].label) for name in names])
            if not holds and len(names) > 1:
                return f"none of {labels} is advised so far"
            return f"{labels} is {'' if holds else 'not '}advised so far"
        rules: Mapping[str, Any] = self._flow.gates if key == "gate" else self._flow.rows
        titles = [f"{name} ({rules[name].title})" for name in names]
        return f"{key} {either(titles)} {'applies' if holds else 'does not apply'}"

    def _question(self, question: Question, value: Any) -> list[str]:
        if not isinstance(value, dict):
            return [f"{question.topic}: {self._options(question, value)}"]
        return [f"{question.topic}: {self._operator(question, str(key), part)}" for key, part in value.items()]

    def _operator(self, question: Question, operator: str, value: Any) -> str:
        names = list(question.options)
        told = self._options(question, value)
        if operator == "not":
            several = question.kind == "many" and len(self._codes(question, value)) > 1
            return f"none of {told}" if several else f"anything but {told}"
        if operator == "only":
            return f"nothing but {told}"
        if operator == "exactly":
            return f"just {self._options(question, value, 'and')}"
        if operator == "all":
            return self._options(question, value, "and")
        if operator == "at_least" and self._codes(question, value)[-1:] != names[-1:]:
            return f"{told} or more"
        if operator == "at_most" and self._codes(question, value)[:1] != names[:1]:
            return f"{told} or less"
        return told

    def _options(self, question: Question, value: Any, conjunction: str = "or") -> str:
        labels = self._labels[question.id]
        return either([quoted(labels[code]) for code in self._codes(question, value)], conjunction)

    def _codes(self, question: Question, value: Any) -> list[str]:
        found: dict[str, None] = {}
        for name in _listed(value):
            group = self._groups.get(name)
            codes: Iterable[str] = [name] if name in question.options or not group else group["options"]
            found.update(dict.fromkeys(str(code) for code in codes))
        return list(found)


def quoted(text: str) -> str:
    """The text in quotation marks, so that it is seen where a label begins and ends."""
    return f"“{' '.join(text.split())}”"


def lower(text: str) -> str:
    """The text in the middle of a sentence; 'I' and abbreviations such as HR keep their capitals."""
    if text[:2] == "I " or text[1:2].isupper():
        return text
    return text[:1].lower() + text[1:]


def upper(text: str) -> str:
    """The text at the start of a sentence."""
    return text[:1].upper() + text[1:]


def _grouped(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"({', and '.join(parts)})"


def _listed(value: Any) -> list[str]:
    return [str(name) for name in value] if isinstance(value, list) else [str(value)]


def _yes(value: Any) -> bool:
    return value in ("yes", True)
