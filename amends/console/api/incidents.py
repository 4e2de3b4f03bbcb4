"""Incidents for programs: the list, the board, one incident, its trail, and what leads wrote about it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Annotated, Any, TypeVar

from fastapi import Query, Request, Response
from sqlalchemy.orm import Session

from amends.access.audit import What, viewed
from amends.access.permissions import Permission
from amends.access.tokens import Scope
from amends.console.api import shapes, told
from amends.console.api import shapes_written as written
from amends.console.api.addresses import Address, gate_of, person_of
from amends.console.api.asked import Listed, Reference, filter_of
from amends.console.api.problems import NotThere, Refused
from amends.console.evidence import CHANGED, NO_FILE, Kept, file_of
from amends.console.overheard import conversation_of
from amends.exports import lists
from amends.incidents.database import Database
from amends.incidents.models import Incident
from amends.incidents.visible import incident_for
from amends.register import finding
from amends.register.board import open_board
from amends.register.inverted import highlighted
from amends.register.views import views_of
from amends.register.words import sought
from amends.review.reminding import waiting
from amends.review.reviewing import follow_ups_of, review_of
from amends.review.story import story_of
from amends.settings import Settings

T = TypeVar("T")


@dataclass(frozen=True)
class IncidentAddresses:
    """The addresses of incidents."""

    database: Database
    settings: Settings

    def routes(self) -> list[Address]:
        """All of them."""
        one, own, all_ = "/incidents/{reference}", Permission.SEE_OWN, Permission.SEE_ALL
        reads = partial(Address, scope=Scope.INCIDENTS)
        takes = partial(Address, scope=Scope.EVIDENCE, gives="application/octet-stream")
        return [
            reads("/incidents", self.list_incidents, may=own),
            reads("/open", self.open_incidents, may=all_),
            reads("/views", self.list_views, may=all_),
            reads("/follow-ups", self.list_follow_ups, may=own),
            reads(one, self.show_incident, may=own),
            reads(f"{one}/trail", self.show_trail, may=own),
            reads(f"{one}/conversation", self.show_conversation, may=all_),
            reads(f"{one}/story", self.show_story, may=all_),
            reads(f"{one}/review", self.show_review, may=all_),
            reads(f"{one}/evidence", self.list_evidence, may=own),
            takes(f"{one}/evidence/{{number}}", self.take_file, may=own),
        ]

    def list_incidents(self, request: Request, asked: Annotated[Listed, Query()]) -> shapes.Incidents:
        """The incidents that you may see, narrowed by a filter, a page at a time."""
        person, now, zone = person_of(request), datetime.now(UTC), self.settings.zone
        filter_, sort = filter_of(request)
        if filter_.text:
            gate_of(request).searches.take(person.id)
            if not asked.cursor:
                with self.database.begin() as session:
                    viewed(session, person, What.SEARCHED, "", now, {"filter": filter_.query()})
        with self.database.read() as session:
            found = finding.page(
                session, filter_, person.viewer, now, zone, sort=sort, cursor=asked.cursor, size=asked.limit
            )
            count = None if asked.cursor else finding.count(session, filter_, person.viewer, now, zone)
            rows = lists.rows(session, found.incidents)
            pieces = highlighted(session, found.places, sought(filter_.text), "", "")
        return shapes.Incidents.model_validate(
            {
                "incidents": [
                    {**row, "excerpt": pieces.get(place)} for row, place in zip(rows, found.places, strict=True)
                ],
                "count": count if count is not None and count <= finding.COUNTED else None,
                "next": found.next or None,
            }
        )

    def open_incidents(self, request: Request) -> shapes.Board:
        """What is open: what needs you, what you lead, and the rest."""
        with self.database.read() as session:
            board = open_board(session, person_of(request).viewer, datetime.now(UTC))
            return shapes.Board.model_validate(told.board_of(session, board))

    def list_views(self, request: Request) -> written.Views:
        """The views that you saved: ask for the incidents with a view's query."""
        with self.database.read() as session:
            found = [
                {"name": view.name, "query": view.query, "saved_at": view.saved_at}
                for view in views_of(session, person_of(request).id)
            ]
        return written.Views.model_validate({"views": found})

    def list_follow_ups(self, request: Request) -> written.FollowUps:
        """What is still to be done after incidents: for you, and for comms leads what is for others too."""
        person = person_of(request)
        with self.database.read() as session:
            found = [
                told.follow_up(row, incident, self._today)
                for row, incident in waiting(session, person.viewer)
                if row.owner_id == person.id or person.may(Permission.SEE_ALL)
            ]
        return written.FollowUps.model_validate({"follow_ups": found})

    def show_incident(self, request: Request, reference: Reference) -> shapes.Incident:
        """One incident: the advice, the steps and deadlines, who decided otherwise, and the sign-off."""
        person = person_of(request)
        found = self._look(request, reference, lambda session, one: told.incident_of(session, one, person))
        return shapes.Incident.model_validate(found)

    def show_trail(self, request: Request, reference: Reference) -> shapes.Trail:
        """What happened in an incident, in order."""
        person = person_of(request)
        found = self._look(request, reference, lambda session, one: told.trail_of(session, one, person))
        return shapes.Trail.model_validate(found)

    def show_conversation(self, request: Request, reference: Reference) -> written.Conversation:
        """What was said, and what was answered."""
        viewer = person_of(request).viewer
        found = self._look(request, reference, lambda session, one: conversation_of(session, one, viewer))
        messages = [
            {
                "who": who,
                "said": each.said,
                "at": each.at,
                "answers": [card.reply.model_dump(mode="json") for card in each.cards],
            }
            for who, each in found
        ]
        return written.Conversation.model_validate({"reference": reference.upper(), "messages": messages})

    def show_story(self, request: Request, reference: Reference) -> written.Story:
        """A comms lead's account of an incident."""
        found = self._look(
            request, reference, lambda session, one: told.story_told(session, one, story_of(session, one))
        )
        return written.Story.model_validate(found)

    def show_review(self, request: Request, reference: Reference) -> written.Review:
        """The review after an incident, and what follows from it."""

        def look(session: Session, incident: Incident) -> dict[str, Any]:
            review = review_of(session, incident)
            rows = follow_ups_of(session, incident)
            return {
                "reference": incident.reference,
                "revision": review.revision,
                "went_well": review.went_well,
                "to_change": review.to_change,
                "saved_by": review.saved_by or None,
                "saved_at": review.saved_at,
                "follow_ups": [told.follow_up(row, incident, self._today) for row in rows],
            }

        return written.Review.model_validate(self._look(request, reference, look))

    def list_evidence(self, request: Request, reference: Reference) -> shapes.Files:
        """The files that are kept for an incident."""
        return shapes.Files.model_validate(self._look(request, reference, told.files_of))

    def take_file(self, request: Request, reference: Reference, number: str) -> Response:
        """A file as it was kept; its SHA-256 stands in X-Content-SHA256."""

        def look(session: Session, incident: Incident) -> Kept | None:
            return file_of(session, incident, number)

        found = self._look(request, reference, look, What.TOOK_FILE)
        if found is None:
            raise NotThere(NO_FILE)
        if found.changed:
            raise Refused(409, "changed", CHANGED)
        return found.to_save()

    @property
    def _today(self) -> date:
        return datetime.now(self.settings.zone).date()

    def _look(
        self,
        request: Request,
        reference: str,
        work: Callable[[Session, Incident], T],
        what: What = What.VIEWED_INCIDENT,
    ) -> T:
        """What `work` reads from an incident. That it was looked at is kept first."""
        person = person_of(request)
        with self.database.begin() as session:
            incident = incident_for(session, person.viewer, reference)
            viewed(session, person, what, incident.reference, datetime.now(UTC), {"page": request.url.path})
        with self.database.read() as session:
            return work(session, incident_for(session, person.viewer, reference))
