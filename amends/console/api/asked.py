"""What programs may ask with: the parameters of addresses, as they are described and read.

The modules of the API that declare parameters do not import future annotations: these are read when it starts.
"""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import Path, Request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from amends.register.filters import LONGEST_TEXT, MOST_VALUES, Filter
from amends.register.finding import Sort, sort_of

MOST = 100
"""Of a page of a list."""
CURSOR = 64
LONGEST_CODE = 120
CODE = r"^[^\s\x00-\x1f]+$"


def _written_as_a_day(value: Any) -> Any:
    """Numbers would be read as seconds since 1970."""
    if isinstance(value, str) and not (len(value) == 10 and value[4] == value[7] == "-"):
        raise ValueError("Write a day such as 2026-11-25")
    return value


Day = Annotated[date, BeforeValidator(_written_as_a_day)]
Code = Annotated[str, Field(max_length=LONGEST_CODE, pattern=CODE)]
Codes = Annotated[list[Code], Field(max_length=MOST_VALUES)]
Yes = Literal["yes", "no"]
Reference = Annotated[str, Path(description="Of an incident.", examples=["INC-2026-0042"])]
Name = Annotated[str, Path(description="Of a flow or a policy, as its list names it.")]
VersionName = Annotated[str, Path(description="At least six characters of a version.")]
Cursor = Annotated[str, Field(max_length=CURSOR, description="`next` of the page before.")]


class Asked(BaseModel):
    """Parameters; one that is not declared is refused, so that a slip of the pen does not ask for everything."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Narrowed(Asked):
    """What a list of incidents is narrowed to, as in the address of the page All incidents."""

    q: Annotated[str, Field(max_length=LONGEST_TEXT, description='Words; "a phrase"; -left -out.')] = ""
    since: Annotated[Day | None, Field(alias="from", description="Reported on this day or later.")] = None
    until: Annotated[Day | None, Field(alias="to", description="Reported on this day or earlier.")] = None
    level: Annotated[list[Annotated[int, Field(ge=0, le=3)]], Field(max_length=MOST_VALUES)] = []
    response: Codes = []
    row: Codes = []
    clause: Codes = []
    role: Codes = []
    channel: Codes = []
    state: Annotated[
        list[Literal["open", "confirming", "asking", "advised", "closed", "abandoned"]], Field(max_length=MOST_VALUES)
    ] = []
    lead: Annotated[Code | None, Field(description="A participant's id, or 'none'.")] = None
    restricted: Yes | None = None
    drill: Annotated[Literal["no", "yes", "any"], Field(description="Whether drills are in the list.")] = "no"
    late: Yes = "no"
    flow: Codes = []
    sort: Sort = Sort.NEWEST


class Listed(Narrowed):
    """A page of such a list."""

    cursor: Cursor = ""
    limit: Annotated[int, Field(ge=1, le=MOST)] = 25


def filter_of(request: Request) -> tuple[Filter, Sort]:
    """What a request narrows a list to, and its order.

    Raises:
        BadFilter: a value cannot be read.
    """
    query = request.query_params
    return Filter.read(query.multi_items()), sort_of(query.get("sort", ""))
