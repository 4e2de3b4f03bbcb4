"""Files fetched from Slack, no larger than the settings allow."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx

from amends.slack.clients import NOT_REACHED
from amends.slack.media import NOT_KEPT, NotKept
from amends.slack.parts import number_of, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from amends.slack.desk import Desk

TIMES = 3
LIMIT = 30.0
"""Seconds without a byte until a download is given up."""

TOO_LARGE = f"{NOT_KEPT} It is larger than {{most}} MB. Send a screenshot, or a shorter piece of it."
NOT_FETCHED = (
    f"{NOT_KEPT} I could not fetch it from Slack. Send it once more. If that fails too, keep it yourself and write "
    "here where it is."
)
GONE = f"{NOT_KEPT} Slack has it no more, or keeps it somewhere else. Send the file itself."


async def fetch(desk: Desk, file: Mapping[str, Any], name: str) -> bytes:
    """The content of a file.

    Args:
        file: as Slack describes it.

    Raises:
        NotKept: it is too large, or cannot be fetched.
    """
    most = desk.settings.evidence_most_mb
    too_large = NotKept(TOO_LARGE.format(name=name, most=most), "too large")
    if (number_of(file, "size") or 0) > most * 1_000_000:
        raise too_large
    if file.get("file_access") == "check_file_info" or not _address(file):
        file = await _described(desk, file, name)
    address = _address(file)
    if not address or not _is_of_slack(desk, address):
        raise NotKept(GONE.format(name=name), "not in Slack")
    for attempt in range(TIMES):
        try:
            content = await _download(desk, address, most * 1_000_000)
        except httpx.HTTPStatusError as error:
            if not error.response.is_server_error:
                break
            await asyncio.sleep(0.5 * 2**attempt)
            continue
        except httpx.HTTPError:
            await asyncio.sleep(0.5 * 2**attempt)
            continue
        if content is None:
            raise too_large
        if _is_sign_in_page(content, file):
            break
        return content
    raise NotKept(NOT_FETCHED.format(name=name), "download failed")


async def _download(desk: Desk, address: str, most: int) -> bytes | None:
    """What stands at an address; None when it is larger than `most` bytes."""
    token = desk.settings.slack_bot_token.get_secret_value()
    async with (
        httpx.AsyncClient(trust_env=False, proxy=desk.client.proxy or None, timeout=LIMIT) as client,
        client.stream("GET", address, headers={"Authorization": f"Bearer {token}"}) as answer,
    ):
        # Slack sends whoever may not read a file to its sign-in page: that is no answer either.
        if answer.status_code != httpx.codes.OK:
            raise httpx.HTTPStatusError("no file", request=answer.request, response=answer)
        content = bytearray()
        async for piece in answer.aiter_bytes():
            content += piece
            if len(content) > most:
                return None
    return bytes(content)


async def _described(desk: Desk, file: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The whole description of a file of which Slack sent only the id."""
    try:
        answer = await desk.client.files_info(file=text_of(file, "id"))
    except NOT_REACHED as error:
        raise NotKept(NOT_FETCHED.format(name=name), "download failed") from error
    found: Mapping[str, Any] = answer["file"]
    return found


def _address(file: Mapping[str, Any]) -> str:
    return text_of(file, "url_private_download") or text_of(file, "url_private")


def _is_of_slack(desk: Desk, address: str) -> bool:
    """Whether an address is Slack's own: the token is sent nowhere else."""
    try:
        found, ours = urlsplit(address), urlsplit(desk.settings.slack_api_url)
    except ValueError:  # an address that is none
        return False
    if (found.scheme, found.netloc) == (ours.scheme, ours.netloc):
        return True
    host = found.hostname or ""
    return found.scheme == "https" and (host == "slack.com" or host.endswith((".slack.com", ".slack-files.com")))


def _is_sign_in_page(content: bytes, file: Mapping[str, Any]) -> bool:
    """Whether Slack sent a page of its own in place of the file, as it does where the app may not read files."""
    said = (text_of(file, "mimetype"), text_of(file, "filetype"))
    return "html" not in " ".join(said) and content[:200].lstrip().lower().startswith((b"<!doctype html", b"<html"))
