"""The HTTP side: the Web API, files, response addresses, and the door to the sockets."""

from __future__ import annotations

import asyncio
import copy
import json
import time
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.slack.fake import chat, conversations, people, views  # noqa: F401 - they register their methods
from tests.slack.fake.core import APP_TOKEN, BOT_TOKEN, Limited
from tests.slack.fake.errors import SlackError, invalid_arguments
from tests.slack.fake.methods import METHODS, Method
from tests.slack.fake.responding import respond
from tests.slack.fake.seen import Call

if TYPE_CHECKING:
    from tests.slack.fake.core import Core
    from tests.slack.fake.faults import Fault

OTHER = ("xoxp-", "xoxe-", "xoxa-")


class Web:
    def __init__(self, slack: Core) -> None:
        self.slack = slack

    def routes(self) -> list[web.RouteDef]:
        return [
            web.route("*", "/api/{method}", self.api),
            web.get("/link/", self.slack.sockets.connect),
            web.get("/files-pri/{file}/download/{name}", self.download),
            web.get("/files-pri/{file}/{name}", self.download),
            web.get("/login", self.login),
            web.post("/response/{key:.+}", self.response_url),
        ]

    async def api(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        started = time.monotonic()
        token, args = await _arguments(request)
        call = Call(name, args, time.time())
        self.slack.log.calls.append(call)
        fault = self.slack.faults.take(name)
        call.on_demand = fault is not None
        response = await self._answer(request, call, token, fault)
        call.took = time.monotonic() - started
        return response

    async def _answer(self, request: web.Request, call: Call, token: str, fault: Fault | None) -> web.StreamResponse:
        if fault is not None and (fault.status or fault.error):
            return _failed(call, fault)
        try:
            method = self._allowed(call.method, token)
            _held(method, call.args)
            body = {"ok": True, **await method.work(self.slack, copy.deepcopy(call.args))}
        except Limited as limited:
            call.status, call.outcome = 429, "ratelimited"
            headers = {"Retry-After": str(int(limited.seconds + 0.999))}
            return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)
        except SlackError as wrong:
            body = wrong.body
            call.outcome = wrong.error
            self.slack.log.refuse(call.method, wrong.error, _detail(body), call.args)
        call.response = body
        if fault is not None and fault.swallow:
            return await _cut(request)
        if fault is not None:
            await asyncio.sleep(fault.slow)
        headers = {"X-OAuth-Scopes": ",".join(self._scopes(token)), "X-Slack-Req-Id": "fake"}
        return web.json_response(body, headers=headers)

    def _scopes(self, token: str) -> list[str]:
        return ["connections:write"] if token == APP_TOKEN else self.slack.permissions.scopes

    def _allowed(self, name: str, token: str) -> Method:
        """The method, if it is there and this token may call it."""
        method = METHODS.get(name)
        if method is None:
            raise SlackError("unknown_method", req_method=name)
        if not token:
            raise SlackError("not_authed")
        right, wrong = (APP_TOKEN, BOT_TOKEN) if method.app_token else (BOT_TOKEN, APP_TOKEN)
        if token == wrong and name == "auth.test":
            return Method(name, _app_test, method.required, method.optional)
        if token == wrong or token.startswith(OTHER):
            raise SlackError("not_allowed_token_type")
        if token != right:
            raise SlackError("invalid_auth")
        if self.slack.revoked:
            raise SlackError(self.slack.revoked)
        if not method.app_token:
            self.slack.need(method.scope)
        return method

    async def download(self, request: web.Request) -> web.StreamResponse:
        """A file; without the right token Slack shows the page for signing in, with status 200."""
        call = Call("files", {"file": request.match_info["file"]}, time.time())
        self.slack.log.calls.append(call)
        fault = self.slack.faults.take("files")
        if fault is not None:
            call.on_demand = True
            if fault.swallow:
                return await _cut(request)
            if fault.slow:
                await asyncio.sleep(fault.slow)
            else:
                return _failed(call, fault)
        file = self.slack.space.files.get(request.match_info["file"])
        if file is None:
            call.status = 404
            return web.Response(status=404)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token != BOT_TOKEN or self.slack.revoked or not self.slack.permissions.has("files:read"):
            call.outcome = "redirected"
            self.slack.log.refuse("files", "no_access", "the page for signing in instead of the file")
            raise web.HTTPFound("/login")
        return web.Response(body=file.content, content_type=file.mimetype)

    async def login(self, _request: web.Request) -> web.StreamResponse:
        return web.Response(text="<!DOCTYPE html><html><title>Sign in | Slack</title></html>", content_type="text/html")

    async def response_url(self, request: web.Request) -> web.StreamResponse:
        raw = await request.text()
        call = Call("response_url", {}, time.time())
        self.slack.log.responses.append(call)
        fault = self.slack.faults.take("response_url")
        call.on_demand = fault is not None
        if fault is not None and (fault.status or fault.error):
            return _failed(call, fault)
        try:
            call.args = json.loads(raw)
            respond(self.slack, request.match_info["key"], call.args)
        except (SlackError, ValueError) as wrong:
            body = (wrong if isinstance(wrong, SlackError) else SlackError("invalid_payload")).body
            call.outcome, call.status = body["error"], 404 if body["error"] in {"used_url", "expired_url"} else 400
            self.slack.log.refuse("response_url", body["error"], _detail(body), call.args)
            return web.json_response(body, status=call.status)
        if fault is not None and fault.swallow:
            return await _cut(request)
        if fault is not None:
            await asyncio.sleep(fault.slow)
        return web.json_response({"ok": True})


async def _app_test(_slack: Core, _args: dict[str, Any]) -> dict[str, Any]:
    """auth.test with the token of the app itself."""
    return {"app_name": "Amends", "app_id": "A0AMENDS1"}


async def _arguments(request: web.Request) -> tuple[str, dict[str, Any]]:
    """The token and the arguments, from the address, a form or JSON."""
    args: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        args |= json.loads(await request.text() or "{}")
    elif request.method == "POST":
        args |= dict(await request.post())
    token = request.headers.get("Authorization", "").removeprefix("Bearer ") or args.get("token", "")
    args.pop("token", None)
    return str(token), args


def _held(method: Method, args: dict[str, Any]) -> None:
    """Every argument that is needed, and none that Slack does not know."""
    missing = [f"missing required field: {each}" for each in sorted(method.required) if args.get(each) in (None, "")]
    unknown = sorted(set(args) - method.required - method.optional)
    if missing or unknown:
        raise invalid_arguments(*missing, *(f"unknown argument: {each}" for each in unknown))


def _failed(call: Call, fault: Fault) -> web.Response:
    call.status, call.outcome = fault.status or 200, fault.error or ("ratelimited" if fault.status == 429 else "failed")
    if fault.status == 429:
        headers = {"Retry-After": str(int(fault.retry_after if fault.retry_after is not None else 1))}
        return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)
    if fault.error:
        return web.json_response({"ok": False, "error": fault.error}, status=fault.status or 200)
    return web.Response(status=fault.status or 500, text="<html>Server Error</html>", content_type="text/html")


async def _cut(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _detail(body: dict[str, Any]) -> str:
    messages = body.get("response_metadata", {}).get("messages", [])
    return "; ".join(messages) or str(body.get("needed", body.get("req_method", "")))
