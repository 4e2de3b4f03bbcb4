"""Everything that comms leads can do with an incident, in one place.

Each act works in the caller's transaction: it locks the incident, looks whether it may be done now, writes its
trail entry and lets others hear of it.
"""

from amends.incidents.actor import Actor
from amends.leads.deciding import decide_otherwise
from amends.leads.finishing import NotFinished, answer, promise
from amends.leads.handling import add_note, close, take_over
from amends.leads.missing import missing_pieces
from amends.leads.opening import CannotAct, ChangedMeanwhile, unchanged_since
from amends.leads.reopening import mark_drill, reopen
from amends.leads.restricting import move_to, restrict
from amends.leads.signing import NotExplained, sign_off
from amends.leads.telling import told

__all__ = [
    "Actor",
    "CannotAct",
    "ChangedMeanwhile",
    "NotExplained",
    "NotFinished",
    "add_note",
    "answer",
    "close",
    "decide_otherwise",
    "mark_drill",
    "missing_pieces",
    "move_to",
    "promise",
    "reopen",
    "restrict",
    "sign_off",
    "take_over",
    "told",
    "unchanged_since",
]
