"""A small flow for tests, and ways to change it."""

from __future__ import annotations

from pathlib import Path

import yaml

from amends.flows import Flow, load_flow, parse_flow

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "data" / "flows" / "problem_post.yml"

SMALL = """\
flow: small
title: "A small flow"
about: "For tests."
safe_steps:
  - says: "Save it."
questions:
  harm:
    topic: "who could be hurt"
    ask: "Who could be hurt?"
    kind: scale
    options: {none: "Nobody", some: "Somebody", many: "Many people"}
    why: "It decides."
    confirm: true
    when_missing: some
  seen:
    topic: "who saw it"
    ask: "Did anybody see it?"
    options: {no: "No", yes: "Yes", unsure: "Not sure"}
    why: "A silent fix is honest only then."
    when_missing: unsure
    implied: {value: yes, when: {harm: many}}
  issue:
    topic: "what is wrong"
    ask: "What is wrong?"
    kind: many
    options: {none: "Nothing", typo: "A typo", data: "Personal data"}
    alone: [none]
    why: "It decides."
    when_missing: []
responses:
  preserve: {label: "Save it", how: "Copy it.", first: yes}
  take_down: {label: "Take it down", how: "Hide it."}
  respond: {label: "Respond", how: "Say so.", public: yes}
  hold: {label: "Hold", how: "Wait."}
people:
  dpo: {label: "the data protection officer", how: "Tell them.", before_public: yes}
gates:
  G1:
    title: "Data"
    when: {issue: data}
    add: [dpo]
    clear_first: [dpo]
    reason: "Personal data is out."
rows:
  R1:
    title: "Hurt"
    when: {harm: {at_least: some}}
    do: [take_down, {respond: {unless: {seen: no}}}]
    confidence: high
    reason: "Somebody is hurt."
  R2:
    title: "Anything else"
    when: {}
    do: [hold]
    confidence: low
    reason: "Nothing fits."
floors:
  F1:
    title: "Save first"
    when: {recommended: take_down}
    add: {preserve: {}}
    reason: "Once it is gone it is gone."
never:
  N1:
    title: "Never remove silently what people saw"
    when: {seen: [yes, unsure]}
    refuse: [take_down]
    without: [respond]
    reason: "People saw it."
levels:
  - {level: 1, name: "a", when: {harm: {at_least: some}}, decider: "L", first_public_line: "Soon.", look_again: "1 h"}
  - {level: 0, name: "none", when: {}, decider: "You", first_public_line: "None.", look_again: "tomorrow"}
deadlines:
  d1:
    title: "Tell them"
    limit: "72 hours"
    when: {gate: G1}
    starts: "when noticed"
    reference: "Some Act s.1"
    mark: M
confidence:
  {high: 0.9, medium: 0.75, low: 0.6, inferred: 0.1, unsure: 0.15, changes: 0.15, unsure_options: [unsure],
   show_high_from: 0.8, show_medium_from: 0.65}
"""


def small(*changes: str) -> Flow:
    """The small flow, with pieces of its text replaced: what stands there, what shall, and so on."""
    text = SMALL
    for old, new in zip(changes[::2], changes[1::2], strict=True):
        assert old in text
        text = text.replace(old, new, 1)
    return parse_flow(text)


def shipped() -> Flow:
    """The flow of this repository."""
    return load_flow(SHIPPED)


def raw(text: str = SMALL) -> dict:
    """The content of a flow file as plain lists and names, to be changed and written again."""
    return yaml.safe_load(text)
