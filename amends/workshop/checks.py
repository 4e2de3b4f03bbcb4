"""What must hold before a text goes live: it is well formed, fits the other documents, and is proved.

Pure: it gets the other documents as texts, so that it can run before a transaction that publishes. The result for
the same texts is remembered.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from amends.flows import FlowError, parse_flow
from amends.flows.effect import tags_of
from amends.flows.language import check_language
from amends.flows.problems import Problem
from amends.flows.prove import prove as prove_flow
from amends.policies import PolicyError, parse_library
from amends.policies.vocabulary import vocabulary_of
from amends.workshop.documents import Document, hash_of
from amends.workshop.scenarios import Scenario, scenarios
from amends.workshop.versions import live_texts

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from amends.flows import Flow
    from amends.flows.effect import Tags
    from amends.flows.prove import Finding
    from amends.policies import Library
    from amends.understanding.encoder import Encoder

_NOT_PROVED = "not proved"


@dataclass(frozen=True)
class Around:
    """The documents that are live: each a name and its text. A document that is checked takes its own one's place."""

    flows: tuple[tuple[str, str], ...]
    policies: tuple[tuple[str, str], ...]

    def text(self, document: Document) -> str | None:
        """The text of one of them, None when it is not there."""
        return dict(self.flows if document.kind == "flow" else self.policies).get(document.name)

    def having(self, document: Document, text: str) -> Around:
        """The same with this text for this document."""
        if document.kind == "flow":
            return replace(self, flows=_with(self.flows, document.name, text))
        return replace(self, policies=_with(self.policies, document.name, text))

    def library(self) -> Library:
        """All clauses.

        Raises:
            PolicyError: they do not fit together.
        """
        return parse_library([(f"{name}.yml", text) for name, text in self.policies])


@dataclass(frozen=True)
class Report:
    """What the checks say of a text.

    `problems` have to be put right, and so do `findings` of the proof; `notes` and `warnings` should be read.
    `proved` says whether the whole was looked at; `scenarios` are the known cases that come out differently now or
    that fail, each with what it was before.
    """

    document: Document
    version: str
    problems: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    scenarios: tuple[Scenario, ...] = ()
    proved: bool = False

    @property
    def publishable(self) -> bool:
        """Whether nothing speaks against it. A flow too large to be proved is no mistake; a warning says so."""
        return not self.problems and all(finding.kind == _NOT_PROVED for finding in self.findings)

    @property
    def refusals(self) -> tuple[str, ...]:
        """A sentence, with its line, for each thing that has to be put right."""
        return (
            *(f"Line {p.line}: {p.message}" for p in self.problems),
            *(f"Line {f.line}: {f.sentence}" for f in self.findings if f.kind != _NOT_PROVED),
        )


def around(session: Session) -> Around:
    """The documents that are live now."""
    texts = live_texts(session)
    return Around(
        flows=tuple((document.name, text) for document, text in texts.items() if document.kind == "flow"),
        policies=tuple((document.name, text) for document, text in texts.items() if document.kind == "policy"),
    )


def check(
    document: Document,
    text: str,
    beside: Around,
    *,
    prove: bool = False,
    settings: frozenset[str] = frozenset(),
    data: Path | None = None,
    encoder: Encoder | None = None,
) -> Report:
    """Check a text as if it were to go live now.

    Args:
        beside: what is live, from `around`.
        prove: also prove it and run the scenarios, about a second for the shipped flow; else some hundredths.
        settings: the organisation's yes/no settings that are on, for the scenarios.
        data: the folder with the known cases and what is expected; None: no scenarios.
        encoder: finds phrases that cannot be told apart; None: they are not looked for.
    """
    return _check(document, text, beside, prove, settings, data, encoder)


@lru_cache(maxsize=64)
def _check(
    document: Document,
    text: str,
    beside: Around,
    prove: bool,
    settings: frozenset[str],
    data: Path | None,
    encoder: Encoder | None,
) -> Report:
    if document.kind == "policy":
        return _policy(document, text, beside, prove=prove)
    return _flow(document, text, beside, prove=prove, settings=settings, data=data, encoder=encoder)


def _flow(
    document: Document,
    text: str,
    beside: Around,
    *,
    prove: bool,
    settings: frozenset[str],
    data: Path | None,
    encoder: Encoder | None,
) -> Report:
    report = Report(document, hash_of(text), proved=prove)
    file = f"{document.name}.yml"
    library = beside.library()
    try:
        flow = parse_flow(text, file, frozenset(library.clauses))
    except FlowError as error:
        return replace(report, problems=error.problems)
    language = check_language(flow, file)
    problems = [*_wrong_name(document, flow, file), *language.mistakes]
    known = {line for other in usable(beside) if other.id == flow.id for line in _contradictions(other, library)}
    warnings = [
        *_stale_tags(beside.having(document, text), library),
        *(line for line in _contradictions(flow, library) if line not in known),
    ]
    if encoder is not None:
        from amends.understanding.twins import find_twins  # noqa: PLC0415 - numpy is slow to import

        warnings += [str(twins) for twins in find_twins(flow, encoder)]
    report = replace(report, problems=tuple(problems), notes=language.notes, warnings=tuple(warnings))
    if prove and not problems:
        report = replace(report, findings=prove_flow(flow, _tags(library)))
        if data is not None:
            report = replace(report, scenarios=_scenarios(flow, beside.text(document), settings, data))
    return report


def _policy(document: Document, text: str, beside: Around, *, prove: bool) -> Report:
    report = Report(document, hash_of(text), proved=prove)
    file = f"{document.name}.yml"
    after = beside.having(document, text)
    flows = usable(after)
    try:
        texts = [(f"{name}.yml", other) for name, other in after.policies]
        library = parse_library(texts, *vocabulary_of(flows))
    except PolicyError as error:
        own = tuple(problem for problem in error.problems if problem.file == file)
        others = tuple(problem for problem in error.problems if problem.file != file)
        return _with_others(report, own, others, after)
    problems = _still_cited(flows, library, file)
    report = replace(report, problems=tuple(problems), warnings=tuple(_new_contradictions(flows, beside, library)))
    if prove and not problems:
        report = replace(report, warnings=(*report.warnings, *_proof_of_flows(flows, beside, library)))
    return report


def _with_others(report: Report, own: tuple[Problem, ...], others: tuple[Problem, ...], after: Around) -> Report:
    """Mistakes of other policies stand in the way only when they are new, such as a clause gone that they name."""
    if own:
        return replace(report, problems=own)
    try:
        library = after.library()
    except PolicyError as error:
        return replace(report, problems=error.problems)
    problems = _still_cited(usable(after), library, f"{report.document.name}.yml")
    return replace(report, problems=tuple(problems), warnings=tuple(str(problem) for problem in others))


def _still_cited(flows: list[Flow], library: Library, file: str) -> list[Problem]:
    return [
        Problem(file, 1, 1, f"{rule} of the flow {flow.id} rests on {id_}, which would be gone. Change the rule first.")
        for flow in flows
        for rule, rests_on in flow.citing
        for id_ in rests_on
        if id_ not in library.clauses
    ]


def _proof_of_flows(flows: list[Flow], beside: Around, library: Library) -> list[str]:
    """What the clauses make of the flows' proofs, where it was otherwise before."""
    try:
        before: Tags | None = _tags(beside.library())
    except PolicyError:
        before = None
    after = _tags(library)
    if before == after:
        return []
    return [
        f"With these clauses, in the flow {flow.id}: {finding.sentence}"
        for flow in flows
        for finding in set(prove_flow(flow, after)) - set(prove_flow(flow, before))
    ]


def _scenarios(flow: Flow, before: str | None, settings: frozenset[str], data: Path) -> tuple[Scenario, ...]:
    old = None
    if before is not None:
        try:
            old = parse_flow(before)
        except FlowError:
            old = None
    return tuple(one for one in scenarios(flow, old, settings, data) if one.differs or one.fails)


def usable(beside: Around) -> list[Flow]:
    """The flows that can be read."""
    flows = []
    for name, text in beside.flows:
        try:
            flows.append(parse_flow(text, f"{name}.yml"))
        except FlowError:  # noqa: PERF203 - it is reported where that flow is checked
            continue
    return flows


def _wrong_name(document: Document, flow: Flow, file: str) -> list[Problem]:
    if flow.id == document.name:
        return []
    return [
        Problem(file, 1, 1, f"The flow calls itself {flow.id}. Write 'flow: {document.name}', as its file is named.")
    ]


def _stale_tags(after: Around, library: Library) -> list[str]:
    """Clauses that are shown for an answer which no flow has any more."""
    options = {f"{q}:{o}" for flow in usable(after) for q, question in flow.questions.items() for o in question.options}
    return [
        f"Clause {clause.id} is shown for the answer {part}, which no flow has. Change when it applies."
        for clause in library.clauses.values()
        for tag in clause.applies_when
        for part in tag.split("+")
        if part not in options
    ]


def _contradictions(flow: Flow, library: Library) -> list[str]:
    return [
        f"{rule} rests on {one} and {other}, which contradict each other, and neither gives way."
        for rule, rests_on in flow.citing
        for one, other in library.contradicting(rests_on)
    ]


def _new_contradictions(flows: list[Flow], beside: Around, library: Library) -> list[str]:
    try:
        before = {line for flow in flows for line in _contradictions(flow, beside.library())}
    except PolicyError:
        before = set()
    return [line for flow in flows for line in _contradictions(flow, library) if line not in before]


def _tags(library: Library) -> Tags:
    return tags_of({clause.id: clause.applies_when for clause in library.clauses.values()})


def _with(texts: tuple[tuple[str, str], ...], name: str, text: str) -> tuple[tuple[str, str], ...]:
    return tuple(sorted({**dict(texts), name: text}.items()))
