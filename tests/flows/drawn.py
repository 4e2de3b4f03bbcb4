"""Looks at pictures in a browser: whether any text leaves its box, and whether anything overlaps."""

from __future__ import annotations

MISPLACED = """
() => {
  const svg = document.querySelector('svg');
  const [, , wide, high] = svg.getAttribute('viewBox').split(' ').map(Number);
  const whole = {x: 0, y: 0, width: wide, height: high};
  const said = (element) => element.textContent.trim().slice(0, 60);
  const inside = (a, b) =>
    a.x >= b.x && a.y >= b.y && a.x + a.width <= b.x + b.width && a.y + a.height <= b.y + b.height;
  const meet = (a, b) =>
    a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
  const boxes = [...svg.querySelectorAll('.box')].map((g) => ({g, at: g.querySelector(':scope > rect').getBBox()}));
  const texts = [...svg.querySelectorAll('text')].map((t) => ({t, at: t.getBBox(), own: t.closest('.box')}));
  const found = [];
  for (const {t, at, own} of texts) {
    const room = own ? own.querySelector(':scope > rect').getBBox() : whole;
    if (!inside(at, room)) found.push(`text leaves its box: ${said(t)}`);
    if (own) continue;
    for (const box of boxes) if (meet(at, box.at)) found.push(`text under a box: ${said(t)} / ${said(box.g)}`);
  }
  for (const [n, one] of boxes.entries()) {
    if (!inside(one.at, whole)) found.push(`box outside the picture: ${said(one.g)}`);
    for (const other of boxes.slice(n + 1)) {
      const nested = one.g.contains(other.g);
      if (nested && !inside(other.at, one.at)) found.push(`chip leaves its card: ${said(other.g)}`);
      if (!nested && meet(one.at, other.at)) found.push(`boxes overlap: ${said(one.g)} / ${said(other.g)}`);
    }
  }
  for (const [n, one] of texts.entries())
    for (const other of texts.slice(n + 1))
      if (meet(one.at, other.at)) found.push(`texts overlap: ${said(one.t)} / ${said(other.t)}`);
  const lines = [...svg.querySelectorAll('tspan')].filter((line) => !line.textContent.trim());
  return {found, boxes: boxes.length, texts: texts.length, empty: lines.length, scroll: document.body.scrollWidth};
}
"""


def misplaced(page, svg: str, font: str = "sans-serif") -> list[str]:
    """What is wrong with a picture, one sentence each, in a browser whose font is this one."""
    svg = svg.replace('font-family="sans-serif"', f'font-family="{font}"', 1)
    page.set_content(f'<!doctype html><html lang="en"><title>p</title><body><main>{svg}</main>')
    seen = page.evaluate(MISPLACED)
    assert seen["boxes"], "There is no box in the picture."
    assert seen["texts"] > seen["boxes"] / 2
    return seen["found"]
