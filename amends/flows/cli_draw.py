"""`amends flow draw`: the picture of a flow, or of the path of one decision."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from amends.flows.answers import parse_answers
from amends.flows.cli_files import FlowName, load, settings_on
from amends.flows.names import USUAL
from amends.flows.problems import AnswerError

if TYPE_CHECKING:
    from amends.flows import Flow
    from amends.flows.draw_items import Picture


class Format(StrEnum):
    """What a picture can be written as."""

    SVG = "svg"
    PNG = "png"
    MERMAID = "mermaid"


def draw(
    flow: FlowName = USUAL,
    format_: Annotated[Format, typer.Option("--format", help="What to write the picture as.")] = Format.SVG,
    decision: Annotated[
        str, typer.Option(help="A file with the answers of one case, as 'amends decide' reads them; - for stdin.")
    ] = "",
    narrow: Annotated[bool, typer.Option("--narrow", help="In one column, for a phone.")] = False,
    scale: Annotated[float, typer.Option(min=0.1, max=8, help="How much larger to make a PNG.")] = 1,
    out: Annotated[Path | None, typer.Option(help="The file to write; without it, standard output.")] = None,
) -> None:
    """Draw a flow, or with --decision the path that one decision took through it."""
    from amends.flows.draw_parts import picture_of  # noqa: PLC0415 - the other commands start without these

    loaded = load(flow)
    picture = _of_decision(loaded, decision) if decision else picture_of(loaded)
    if format_ is Format.PNG and out is None and sys.stdout.isatty():
        _stop("A PNG is no text for a terminal. Say where it should go, as in --out flow.png.")
    content = _written(picture, format_, narrow=narrow, scale=scale)
    if out is None:
        sys.stdout.buffer.write(content)
        sys.stdout.flush()
        return
    try:
        out.write_bytes(content)
    except OSError as error:
        _stop(f"{out} cannot be written: {error.strerror}.")


def _of_decision(flow: Flow, file: str) -> Picture:
    from amends.flows.draw_decision import decision_picture  # noqa: PLC0415

    try:
        text = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        answers = parse_answers(flow, json.loads(text))
    except OSError as error:
        _stop(f"{file} cannot be read: {error.strerror}.")
    except AnswerError as error:
        _stop(str(error))
    except (ValueError, RecursionError):
        where = "What came in" if file == "-" else file
        _stop(f'{where} is not a JSON object of answers, as in {{"origin": "own_post"}}.')
    return decision_picture(flow, answers, settings_on())


def _written(picture: Picture, format_: Format, *, narrow: bool, scale: float) -> bytes:
    if format_ is Format.MERMAID:
        from amends.flows.draw_mermaid import as_mermaid  # noqa: PLC0415

        return as_mermaid(picture).encode()
    from amends.flows.draw import render  # noqa: PLC0415

    svg = render(picture, address=None, narrow=narrow)
    if format_ is Format.SVG:
        return f"{svg}\n".encode()
    try:
        from amends.flows.draw_png import CannotPaint, paint  # noqa: PLC0415
    except ImportError:
        _stop("resvg-py, which makes PNGs, is not installed. Run 'make setup', or take --format svg.")
    try:
        return paint(svg, scale=scale)
    except CannotPaint as error:
        _stop(str(error))


def _stop(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(1)
