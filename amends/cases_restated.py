"""The public cases as other flows see them: what each flow advises where they are restated in its questions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from amends.flows import USUAL, load_flow
from amends.known import hold, known_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from amends.flows import Flow
    from amends.known import Held, Known


@dataclass(frozen=True)
class Restated:
    """A flow with its situations, and what it advises in each."""

    flow: Flow
    held: Mapping[str, tuple[Known, Held]]

    @property
    def sentence(self) -> str:
        """How many there are, and how many come out as expected."""
        public = sum(known.case is not None for known, _ in self.held.values())
        passed = sum(held.verdict == "pass" for _, held in self.held.values())
        return (
            f"{self.flow.title} ({self.flow.id}): {len(self.held)} situations, {public} of them public cases. "
            f"The flow advises what is expected in {passed}."
        )

    def of_case(self, case: str) -> dict[str, tuple[Known, Held]]:
        """The situations that restate a public case."""
        return {id_: one for id_, one in self.held.items() if one[0].case is not None and one[0].case.id == case}

    def as_json(self, ids: frozenset[str] | None = None) -> list[dict[str, Any]]:
        """The situations, all or some, ready for JSON."""
        return [_row(known, held) for id_, (known, held) in self.held.items() if ids is None or id_ in ids]

    def table(self, *, only_wrong: bool = False) -> Table:
        """The situations side by side with what was done in the public cases."""
        table = Table(show_lines=True)
        for heading in ("situation", "the flow advises", "they did", "why that is right"):
            table.add_column(heading, overflow="fold", ratio=1)
        for known, held in self.held.values():
            if held.mistakes or not only_wrong:
                table.add_row(
                    f"{known.title}\n{held.row}",
                    _advised(held),
                    did(known),
                    known.expected.why if known.expected else "",
                )
        return table


def restated(data: Path, name: str) -> Restated:
    """A flow of the files in `data`, held against its situations.

    Raises:
        FlowError, CaseError: the flow or a file with situations cannot be used.
    """
    flow = load_flow(data / "flows" / f"{name}.yml")
    known = {id_: one for id_, one in known_of(name, data).items() if one.expected is not None}
    return Restated(flow, {id_: (one, hold(one, flow)) for id_, one in known.items()})


def others(data: Path) -> list[str]:
    """The flows that have situations of their own, beside the usual one."""
    names = (file.stem for file in sorted((data / "flows").glob("*.yml")))
    return [name for name in names if name != USUAL and (data / "expected" / f"{name}.yml").exists()]


def did(known: Known) -> str:
    """What was done in the case, and how that was received; nothing where it was made up."""
    if known.case is None:
        return "made up"
    return f"{', '.join(known.case.what_they_did) or 'nothing'}\nreception {known.case.reception}"


def _advised(held: Held) -> Text:
    style = "yellow" if held.mistakes else "green"
    return Text.assemble(", ".join(held.advised), "\n", ("; ".join(held.mistakes or ()) or "as expected", style))


def _row(known: Known, held: Held) -> dict[str, Any]:
    return {
        "id": known.id,
        "case": known.case.id if known.case else None,
        "what_happened": known.what_happened,
        "row": held.row,
        "advised": list(held.advised),
        "what_they_did": known.case.what_they_did if known.case else None,
        "reception": known.case.reception if known.case else None,
        "as_expected": held.verdict == "pass",
        "flow_mistakes": held.mistakes,
    }
