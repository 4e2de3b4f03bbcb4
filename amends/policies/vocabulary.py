"""What clauses may name of flows: the answers for which they apply, and responses that they speak for or against."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from amends.flows import Flow


class Vocabulary(NamedTuple):
    """Options by question, and the codes of responses and roles; None where there is no flow to check against."""

    options: Mapping[str, Collection[str]] | None
    codes: Collection[str] | None


def vocabulary_of(flows: Iterable[Flow]) -> Vocabulary:
    """The words of all flows together: a clause may be there for any of them."""
    options: dict[str, list[str]] = {}
    codes: list[str] = []
    for flow in flows:
        for name, question in flow.questions.items():
            options.setdefault(name, []).extend(question.options)
        codes += flow.codes
    return Vocabulary(options or None, tuple(codes) or None)
