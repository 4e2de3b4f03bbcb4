"""Flows, policies and their clauses for programs, as they are live and as they were."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Query
from pydantic import Field
from sqlalchemy.orm import Session

from amends.access.permissions import Permission
from amends.access.tokens import Scope
from amends.console.api import shapes_more as shapes
from amends.console.api.addresses import Address
from amends.console.api.asked import Asked, Name, VersionName
from amends.console.api.problems import NotThere
from amends.flows.source import Source
from amends.incidents.database import Database
from amends.policies import Clause, clauses_of
from amends.workshop import trail
from amends.workshop.documents import Document, Kind
from amends.workshop.versions import UnknownVersion, Version, documents, history, live, version

if TYPE_CHECKING:
    from collections.abc import Callable

ON_A_PAGE = 50
MOST_SEQUENCE = 10**9
KEPT = ("sequence", "kind", "version", "previous", "note", "at", "hash")


class Before(Asked):
    """A page of a trail."""

    before: Annotated[int | None, Field(ge=1, le=MOST_SEQUENCE, description="`next` of the page before.")] = None


@dataclass(frozen=True)
class PolicyAddresses:
    """The addresses of what policy owners edit."""

    database: Database

    def routes(self) -> list[Address]:
        """All of them."""
        found: list[tuple[str, Callable[..., Any]]] = [
            ("/flows", self.list_flows),
            ("/flows/{name}", self.show_flow),
            ("/flows/{name}/history", self.show_flow_history),
            ("/flows/{name}/versions/{version}", self.show_flow_version),
            ("/policies", self.list_policies),
            ("/policies/{name}", self.show_policy),
            ("/policies/{name}/history", self.show_policy_history),
            ("/policies/{name}/versions/{version}", self.show_policy_version),
            ("/policies/{name}/clauses/{clause}", self.show_clause),
            ("/policy-trail", self.show_policy_trail),
        ]
        return [Address(path, endpoint, may=Permission.READ_POLICY, scope=Scope.POLICIES) for path, endpoint in found]

    def list_flows(self) -> shapes.Flows:
        """All flows."""
        with self.database.read() as session:
            return shapes.Flows.model_validate({"flows": self._all(session, "flow")})

    def show_flow(self, name: Name) -> shapes.Text:
        """The live version of a flow."""
        with self.database.read() as session:
            return _text(live(session, Document("flow", name)))

    def show_flow_version(self, name: Name, version: VersionName) -> shapes.Text:
        """Any version of a flow that was published."""
        return self._version("flow", name, version)

    def show_flow_history(self, name: Name) -> shapes.History:
        """Every time a version of a flow went live."""
        return self._history("flow", name)

    def list_policies(self) -> shapes.Policies:
        """All policies."""
        with self.database.read() as session:
            return shapes.Policies.model_validate({"policies": self._all(session, "policy")})

    def show_policy(self, name: Name) -> shapes.Policy:
        """The clauses of a policy, as they are live."""
        with self.database.read() as session:
            found = live(session, Document("policy", name))
        clauses = list(clauses_of(found.text, name).values())
        return shapes.Policy.model_validate({**_live(found), "clauses": clauses})

    def show_policy_version(self, name: Name, version: VersionName) -> shapes.Text:
        """Any version of a policy that was published."""
        return self._version("policy", name, version)

    def show_policy_history(self, name: Name) -> shapes.History:
        """Every time a version of a policy went live."""
        return self._history("policy", name)

    def show_clause(self, name: Name, clause: str) -> shapes.Clause:
        """One clause, as it is live."""
        with self.database.read() as session:
            found: Clause | None = clauses_of(live(session, Document("policy", name)).text, name).get(clause)
        if found is None:
            raise NotThere(f"There is no clause {clause[:40]} in the policy {name[:40]}.")
        return shapes.Clause.model_validate(found)

    def show_policy_trail(self, asked: Annotated[Before, Query()]) -> shapes.PolicyTrail:
        """Every step of the policy owners."""
        with self.database.read() as session:
            found = trail.entries(session, before=asked.before, limit=ON_A_PAGE + 1)
        shown = found[:ON_A_PAGE]
        entries = [
            {
                **{name: getattr(each, name) for name in KEPT},
                "document": str(each.document),
                "actor": each.actor,
            }
            for each in shown
        ]
        following = shown[-1].sequence if len(found) > ON_A_PAGE else None
        return shapes.PolicyTrail.model_validate({"entries": entries, "next": following})

    def _all(self, session: Session, kind: Kind) -> list[dict[str, Any]]:
        return [_live(live(session, each)) for each in documents(session) if each.kind == kind]

    def _version(self, kind: Kind, name: str, hash_: str) -> shapes.Text:
        with self.database.read() as session:
            return _text(version(session, Document(kind, name), hash_))

    def _history(self, kind: Kind, name: str) -> shapes.History:
        with self.database.read() as session:
            found = history(session, Document(kind, name))
        if not found:
            raise UnknownVersion(f"There is no {kind} called {name[:40]} that was published.")
        return shapes.History.model_validate({"name": name, "publications": found})


def _live(found: Version) -> dict[str, Any]:
    return {"name": found.document.name, "version": found.hash, "first_published_at": found.first_published_at}


def _text(found: Version) -> shapes.Text:
    content = Source(found.text, found.document.name).content
    return shapes.Text.model_validate({**_live(found), "text": found.text, "content": content})
