"""The same lists made with sqladmin, a well-known admin library, over the same tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqladmin import Admin, ModelView
from sqladmin.filters import StaticValuesFilter
from starlette.applications import Starlette
from starlette.testclient import TestClient

from amends.incidents.models import Incident
from amends.register.tables import ShelvedText

if TYPE_CHECKING:
    from sqlalchemy import Engine

SIZE = 25
CHANNELS = [("slack", "Slack"), ("web", "web"), ("terminal", "terminal")]


class IncidentAdmin(ModelView, model=Incident):
    """The list of incidents, and one of them."""

    page_size = SIZE
    column_list = ("reference", "state", "level", "title", "reported_at", "reporter_id", "lead_id")
    column_sortable_list = ("id",)
    column_default_sort = ("id", True)
    column_filters = (StaticValuesFilter(Incident.channel, values=CHANNELS, parameter_name="channel"),)


class TextAdmin(ModelView, model=ShelvedText):
    """What people wrote, to search in."""

    page_size = SIZE
    column_list = ("place", "words")
    column_searchable_list = ("words",)
    column_default_sort = ("place", True)


def client(engine: Engine) -> TestClient:
    """A client of the admin pages."""
    app = Starlette()
    admin = Admin(app, engine)
    admin.add_view(IncidentAdmin)
    admin.add_view(TextAdmin)
    return TestClient(app)


def addresses(id_: int, channel: str, word: str, page: int) -> dict[str, str]:
    """What is asked for, under the names that `bench.register` has for the same."""
    return {
        "all incidents, first page": "/admin/incident/list",
        "a further page": f"/admin/incident/list?page={page}",
        "filtered": f"/admin/incident/list?channel={channel}",
        "searched": f"/admin/shelved-text/list?search={word}",
        "an incident": f"/admin/incident/details/{id_}",
    }
