"""The API as an application of its own, mounted at /api/v1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.middleware import Middleware

from amends.access.limits import Limit
from amends.access.permissions import Permission
from amends.access.tokens import Tokens
from amends.console.access import SEARCH
from amends.console.api.addresses import Address, Gate, declared
from amends.console.api.described import ABOUT, Described
from amends.console.api.exports import ExportAddresses
from amends.console.api.incidents import IncidentAddresses
from amends.console.api.policies import PolicyAddresses
from amends.console.api.problems import broken, handlers
from amends.console.api.rest import Look, OtherAddresses
from amends.console.guard import Guard

if TYPE_CHECKING:
    from amends.console.access import Access
    from amends.console.taking_out import TakingOut

WHERE = "/api/v1"


def create_api(access: Access, taking_out: TakingOut, look: Look) -> Described:
    """The API over a record.

    Args:
        access: with the settings, the record, and the limits of the pages.
        look: at the insights, as the page does.
    """
    settings, database = access.settings, access.database

    async def describe() -> dict[str, Any]:
        """This description."""
        return api.openapi()

    routes = [
        Address("/openapi.json", describe, may=Permission.NONE_NEEDED, scope=None, include_in_schema=False),
        *OtherAddresses(database, look).routes(),
        *IncidentAddresses(database, settings).routes(),
        *PolicyAddresses(database).routes(),
        *ExportAddresses(taking_out).routes(),
    ]
    api = Described(
        title="Amends",
        version="1",
        description=ABOUT,
        servers=[{"url": WHERE}],
        openapi_url=None,
        redirect_slashes=False,
        routes=declared(routes),
        exception_handlers=handlers(),
        middleware=[Middleware(Guard, page=broken)],
    )
    api.state.gate = Gate(Tokens(database), Limit(settings.api_calls_a_minute), access.limits[SEARCH])
    return api
