"""The desk: the web chat and the pages of incidents, in one process with the gateway to the bot."""

from __future__ import annotations

import asyncio
import logging
import sys
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import uvicorn
from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.staticfiles import StaticFiles

from amends import logs
from amends.access.permissions import Permission
from amends.accounts import reminding as account_reminding
from amends.bot import LIMIT, Gateway
from amends.console.access import Access, WhoAsks
from amends.console.accounts import Accounts
from amends.console.api import app as api
from amends.console.audit_page import AuditPage
from amends.console.check_page import CheckPage
from amends.console.checks_at_start import SettingsError, check_host, check_secrets
from amends.console.clauses import Clauses
from amends.console.comparing import Comparing
from amends.console.cookies import Sessions
from amends.console.editing import Editing
from amends.console.exporting import Exporting
from amends.console.guard import Guard
from amends.console.histories import Histories
from amends.console.incidents import Incidents
from amends.console.insights_page import InsightsPage
from amends.console.my_accounts import MyAccounts
from amends.console.pages import HERE, Pages
from amends.console.people_page import PeoplePage
from amends.console.picturing import Picturing
from amends.console.privacy_page import PrivacyPage
from amends.console.problems import Problems
from amends.console.publishing import Publishing
from amends.console.register_pages import Register
from amends.console.replaying import Replaying
from amends.console.routes import Part, declared, page
from amends.console.signing_in import SigningIn
from amends.console.taking_out import TakingOut
from amends.console.talk import Talk
from amends.console.tokens_page import TokensPage
from amends.console.trying import Trying
from amends.console.watching import Measured, Watching
from amends.incidents.database import Database, RecordUnavailable
from amends.integrity.nightly import Watchman
from amends.privacy import nightly
from amends.register import rebuilding
from amends.review import reminding
from amends.settings import ROOT, Settings
from amends.slack.service import Slack, off_because
from amends.workshop.files import publish_first, warn_of_differences

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from amends.console.routes import Page

__all__ = ["SettingsError", "check_host", "create_app", "main"]

logger = logging.getLogger(__name__)


def create_app(settings: Settings, *, catch_up_every: float = 2.0, limit: float = LIMIT) -> FastAPI:
    """The desk as an application; it brings its tables up to date when it starts.

    Args:
        settings: what was set.
        catch_up_every: seconds between two looks at the messages that wait for the bot.
        limit: seconds until somebody who wrote is told something.

    Raises:
        SettingsError: a secret is empty, half of what signing in needs is missing, or production would be unsafe.
    """
    check_secrets(settings)
    database = Database(settings.database_url)
    slack = Slack(settings, database) if settings.slack_on else None
    gateway = Gateway(
        settings,
        database,
        limit=limit,
        answered=slack.answered if slack else None,
        late=slack.late if slack else None,
    )
    pages, access = Pages(settings), Access(settings, database)
    problems = Problems(pages, gateway)
    replaying, taking_out = Replaying(pages, database, settings), TakingOut(database, settings)
    insights = InsightsPage.of(pages, database)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await asyncio.to_thread(_prepare, database)
        insights.insights.ledger.start()
        beside = [
            asyncio.create_task(gateway.catch_up(catch_up_every)),
            asyncio.create_task(Watchman(database, settings).run()),
            asyncio.create_task(nightly.run(database, settings)),
        ]
        if slack is not None:
            slack.start(gateway)
            beside.append(asyncio.create_task(reminding.run(database, settings)))
            beside.append(asyncio.create_task(account_reminding.run(database, settings)))
        else:
            logger.warning("%s", off_because(settings))
        yield
        if slack is not None:
            await slack.stop()
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        await gateway.close()
        await asyncio.to_thread(replaying.jobs.close)
        await asyncio.to_thread(insights.insights.ledger.close)
        database.dispose()

    routes = [
        *Talk(pages, database, gateway).routes(),
        *CheckPage(pages, database, settings).routes(),
        *Incidents(pages, database, settings).routes(),
        *Register(pages, database).routes(),
        *insights.routes(),
        *Exporting(pages, taking_out).routes(),
        *Publishing(pages, database, settings).routes(),
        *Clauses(pages, database, settings).routes(),
        *Editing(pages, database, settings).routes(),
        *Trying(pages, database, settings).routes(),
        *Comparing(pages, database, settings).routes(),
        *replaying.routes(),
        *Histories(pages, database, settings).routes(),
        *Picturing(pages, database, settings).routes(),
        *_called_by_slack(slack),
        *SigningIn(pages, access, slack.role_of if slack else None).routes(),
        *MyAccounts(pages, database, settings).routes(),
        *Accounts(pages, database, settings).routes(),
        *AuditPage(pages, database).routes(),
        *PeoplePage(pages, access).routes(),
        *PrivacyPage(pages, database, settings).routes(),
        *TokensPage(pages, access).routes(),
        *Watching(settings, database, gateway, slack).routes(),
        Part(api.WHERE, api.create_api(access, taking_out, insights.look), may=Permission.NONE_NEEDED, name="api"),
        Part("/static", StaticFiles(directory=HERE / "static"), may=Permission.NONE_NEEDED, name="static"),
    ]
    pages.knows(routes)
    return FastAPI(
        title="Amends",
        openapi_url=None,
        lifespan=lifespan,
        routes=declared(routes),
        middleware=[
            Middleware(Measured, routes=routes),
            Middleware(
                Sessions,
                secret_key=settings.session_secret.get_secret_value(),
                session_cookie="amends",
                https_only=access.secure,
            ),
            Middleware(Guard, page=problems.broken, secure=access.secure),
            Middleware(WhoAsks, access=access),
        ],
        exception_handlers=problems.handlers(),
    )


def main() -> None:
    """Serve the desk until it is stopped. `python -m amends.console.app`."""
    settings = Settings()
    logs.set_up(settings.log_format, "desk")
    try:
        check_host(settings)
        app = create_app(settings)
    except (SettingsError, RecordUnavailable) as error:
        print(error, file=sys.stderr)  # noqa: T201
        raise SystemExit(1) from None
    uvicorn.run(
        app,
        host=settings.desk_host,
        port=settings.desk_port,
        server_header=False,
        # Its lines would hold the addresses, and what somebody searched for stands in those.
        access_log=False,
        log_config=None,
        forwarded_allow_ips=",".join(filter(None, ["127.0.0.1", "::1", settings.desk_proxy])),
    )


def _prepare(database: Database) -> None:
    """Bring the tables up to date, and see that there is a flow: the files in `data/` at the very first start."""
    database.migrate()
    publish_first(database, ROOT / "data")
    warn_of_differences(database, ROOT / "data")
    rebuilding.catch_up(database, datetime.now(UTC))


def _called_by_slack(slack: Slack | None) -> list[Page]:
    """What Slack calls. It signs what it sends, so there is nobody to sign in."""
    routes = slack.routes() if slack else []
    return [page(each.path, each.endpoint, Permission.NONE_NEEDED, sorted(each.methods or ())) for each in routes]


if __name__ == "__main__":
    main()
