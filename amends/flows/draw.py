"""Pictures of a flow as SVG: a wall chart, or one column for a phone. Text out, nothing else.

`draw_decision` draws the path of one decision in the same way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import tostring

from amends.flows.draw_chart import Chart
from amends.flows.draw_parts import picture_of
from amends.flows.draw_sheet import Column

if TYPE_CHECKING:
    from amends.flows.draw_items import Picture
    from amends.flows.draw_sheet import Address
    from amends.flows.model import Flow


def draw_flow(flow: Flow, *, address: Address | None = None, narrow: bool = False) -> str:
    """The picture of a flow as SVG.

    Args:
        flow: a loaded flow.
        address: the address of a part's place in the editor, from its section and id; without it, no links.
        narrow: one column, for a phone, instead of the chart for a desk or a wall.
    """
    return render(picture_of(flow), address=address, narrow=narrow)


def render(picture: Picture, *, address: Address | None, narrow: bool) -> str:
    """A picture as SVG."""
    sheet = (Column if narrow else Chart)(picture, address)
    return tostring(sheet.draw(), encoding="unicode")
