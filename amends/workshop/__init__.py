"""The workshop of the policy owners: documents, versions, drafts, publishing, and the trail of it all."""

from amends.workshop.catch_up import SameLines
from amends.workshop.changes import Changes
from amends.workshop.checks import Around, Report, around, check
from amends.workshop.documents import Document, Owner, WorkshopError, hash_of
from amends.workshop.drafts import Conflict, Draft, discard_draft, draft_of, open_drafts, save_draft
from amends.workshop.files import differences, publish_first
from amends.workshop.publishing import (
    NotPublishable,
    Overtaken,
    Request,
    approve,
    ask_to_publish,
    decline,
    go_back,
    publish_text,
    report_of,
    request,
    requests,
)
from amends.workshop.scenarios import Scenario
from amends.workshop.versions import (
    Publication,
    UnknownVersion,
    Version,
    documents,
    history,
    live,
    live_hash,
    version,
)

__all__ = [
    "Around",
    "Changes",
    "Conflict",
    "Document",
    "Draft",
    "NotPublishable",
    "Overtaken",
    "Owner",
    "Publication",
    "Report",
    "Request",
    "SameLines",
    "Scenario",
    "UnknownVersion",
    "Version",
    "WorkshopError",
    "approve",
    "around",
    "ask_to_publish",
    "check",
    "decline",
    "differences",
    "discard_draft",
    "documents",
    "draft_of",
    "go_back",
    "hash_of",
    "history",
    "live",
    "live_hash",
    "open_drafts",
    "publish_first",
    "publish_text",
    "report_of",
    "request",
    "requests",
    "save_draft",
    "version",
]
