"""What programs take out: lists and evidence bundles, as on the pages."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Annotated

from fastapi import Query, Request, Response

from amends.access.permissions import Permission
from amends.access.tokens import Scope
from amends.console.api.addresses import Address, person_of
from amends.console.api.asked import Narrowed, Reference, filter_of
from amends.console.taking_out import TakingOut


@dataclass(frozen=True)
class ExportAddresses:
    """The addresses of exports."""

    taking_out: TakingOut

    def routes(self) -> list[Address]:
        """All of them."""
        address = partial(Address, may=Permission.EXPORT, scope=Scope.EXPORTS, counted=True)
        return [
            address("/exports/incidents.csv", self.take_csv, gives="text/csv"),
            address("/exports/incidents.json", self.take_json, gives="application/json"),
            address("/exports/incidents/{reference}", self.take_bundle, gives="application/zip"),
        ]

    async def take_csv(self, request: Request, asked: Annotated[Narrowed, Query()]) -> Response:
        """All incidents that a filter leaves in, for a spreadsheet."""
        del asked
        return await self._list(request, "csv")

    async def take_json(self, request: Request, asked: Annotated[Narrowed, Query()]) -> Response:
        """All incidents that a filter leaves in, as one object; it ends with `count`."""
        del asked
        return await self._list(request, "json")

    async def take_bundle(self, request: Request, reference: Reference) -> Response:
        """One incident as an evidence bundle, which can be checked without Amends."""
        return await self.taking_out.bundle(person_of(request), reference, datetime.now(UTC))

    async def _list(self, request: Request, kind: str) -> Response:
        filter_, sort = filter_of(request)
        return await self.taking_out.incidents(person_of(request), filter_, sort, kind, datetime.now(UTC))
