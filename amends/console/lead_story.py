"""The story of an incident: read as an account, and put together by a lead from entries of the trail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.responses import RedirectResponse

from amends.access.permissions import Permission
from amends.console.book import Book
from amends.console.lead_book import what_can_be_done
from amends.console.lead_desk import LeadDesk, drawn, number_of, reference_of
from amends.console.routes import Page, page
from amends.incidents.record import UnknownIncident
from amends.leads import acts
from amends.review.saving import SavedMeanwhile
from amends.review.story import Chapter, save_story, story_of

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session
    from starlette.requests import Request
    from starlette.responses import Response

    from amends.access.people import SignedIn
    from amends.console.forms import Form
    from amends.console.told import Told
    from amends.incidents.models import Incident

SAVED = "The story is saved. The trail stays as it is."


@dataclass(frozen=True)
class Written:
    """A story as it is being written: what stands in the form, which need not be saved yet."""

    introduction: str
    chapters: tuple[Chapter, ...]
    revision: int


@dataclass(frozen=True)
class LeadStory:
    """The story of one incident."""

    desk: LeadDesk

    def routes(self) -> list[Page]:
        """The addresses."""
        address = "/incidents/{reference}/story"
        return [
            page(address, self.show, may=Permission.SEE_ALL),
            page(f"{address}/edit", self.edit, may=Permission.ACT),
            page(f"{address}/edit", self.save, may=Permission.ACT, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The account, to be read."""
        done = SAVED if request.query_params.get("done") else ""
        return await self._draw(request, "leads/story.html", 200, **drawn(written=None, theirs=None, done=done))

    async def edit(self, request: Request) -> Response:
        """The form: the chapters in their order, and the entries that are not told yet."""
        return await self._draw(request, "leads/story_edit.html", 200, **drawn(written=None, theirs=None))

    async def save(self, request: Request) -> Response:
        """Move, add or leave out a chapter in the form, or keep the whole of it."""
        form = await self.desk.form(request)
        written = _written(form)
        press = form["press"] or "save"
        if press != "save":
            changed = _pressed(written, press, form)
            return await self._draw(request, "leads/story_edit.html", 200, **drawn(written=changed, theirs=None))

        def work(session: Session, incident: Incident, actor: acts.Actor, at: datetime) -> None:
            save_story(session, incident, actor, written.introduction, written.chapters, written.revision, at)

        try:
            await self.desk.act(request, form, work, seen=False)
        except acts.CannotAct as error:
            what = drawn(written=written, theirs=isinstance(error, SavedMeanwhile), notice=str(error))
            return await self._draw(request, "leads/story_edit.html", 409, **what)
        except UnknownIncident as error:
            return self.desk.not_there(request, error)
        return RedirectResponse(f"/incidents/{reference_of(request)}/story?done=1", 303)

    async def _draw(
        self, request: Request, template: str, status: int, *, written: Written | None, theirs: object, **what: Any
    ) -> Response:
        def look(session: Session, incident: Incident, person: SignedIn) -> dict[str, Any]:
            book = Book(session, incident, self.desk.pages.clock)
            stands = story_of(session, incident)
            now = written or Written(stands.introduction, stands.chapters, stands.revision)
            entries = {each.sequence: each for each in book.page()["trail"]}
            told = {chapter.entry for chapter in now.chapters}
            return {
                "incident": incident,
                "can": what_can_be_done(session, incident, person),
                "story": now,
                "chapters": _with_entries(now.chapters, entries),
                "others": [each for sequence, each in entries.items() if sequence not in told],
                "stands": stands,
                "their_chapters": _with_entries(stands.chapters, entries),
                # who was shown the newer one saves over it
                "revision": stands.revision if theirs else now.revision,
            }

        try:
            found = await self.desk.look(request, look)
        except UnknownIncident as error:
            return self.desk.not_there(request, error)
        return self.desk.pages.draw(request, template, status, **found, **what, theirs=theirs, tab="story", page="all")


def _with_entries(chapters: tuple[Chapter, ...], entries: dict[int, Told]) -> list[tuple[Chapter, Told]]:
    return [(chapter, entries[chapter.entry]) for chapter in chapters if chapter.entry in entries]


def _written(form: Form) -> Written:
    """The story that a form holds; its chapters stand in the order in which `order` names their entries."""
    order = [number_of(each) for each in form["order"].split(",") if each]
    chapters = tuple(
        Chapter(entry, form[f"title-{entry}"], form[f"context-{entry}"].replace("\r\n", "\n"))
        for entry in dict.fromkeys(order)
    )
    return Written(form["introduction"].replace("\r\n", "\n"), chapters, number_of(form["revision"]))


def _pressed(written: Written, press: str, form: Form) -> Written:
    """The story after a button that saves nothing: up-N, down-N, out-N, or add, which tells the ticked entries."""
    what, _, number = press.partition("-")
    chapters = list(written.chapters)
    if what == "add":
        told = {chapter.entry for chapter in chapters}
        chapters += [Chapter(entry) for entry in map(number_of, form.options) if entry not in told]
    else:
        place = next((n for n, each in enumerate(chapters) if str(each.entry) == number), None)
        if place is not None:
            chapter = chapters.pop(place)
            if what in {"up", "down"}:
                chapters.insert(max(place - 1, 0) if what == "up" else place + 1, chapter)
    return Written(written.introduction, tuple(chapters), written.revision)
