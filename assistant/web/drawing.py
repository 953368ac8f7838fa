"""Drawings made on the server, beside a list that says the same: the stages of a review, and the flow of a pathway."""

from collections.abc import Sequence

from markupsafe import Markup, escape

ROW = 64
"""Height of one stage. Equal steps, so that length never reads as time."""


def stage_map(labels: Sequence[str], now: int, beside: Sequence[tuple[str, int, int]], *, mirrored: bool = False) -> Markup:
    """The stages as dots on a line, with a thinner line beside them for each other process.

    ``now`` is the place of the stage that the reader is at, from 1, or 0. ``beside`` gives the name of a process and
    the places between which one may wait for the other. The drawing is hidden from screen readers. Words
    start at their place in the direction of the page.
    """
    width, height = 460, ROW * len(labels) + 20

    def across(x: int) -> int:
        return width - x if mirrored else x

    parts = [f'<svg class="drawing" viewBox="0 0 {width} {height}" aria-hidden="true" focusable="false">']
    parts.append(f'<line class="way" x1="{across(24)}" y1="{ROW // 2}" x2="{across(24)}" y2="{height - ROW // 2 - 10}"/>')
    for place, label in enumerate(labels, start=1):
        y = ROW // 2 + (place - 1) * ROW
        state = "" if not now else "past" if place < now else "now" if place == now else "later"
        parts.append(f'<circle class="dot {state}" cx="{across(24)}" cy="{y}" r="{9 if state == "now" else 7}"/>')
        parts.append(f'<text x="{across(44)}" y="{y + 6}">{escape(label)}</text>')
    for turn, (name, first, last) in enumerate(beside):
        top, foot = ROW // 2 + (first - 1) * ROW, ROW // 2 + (last - 1) * ROW
        x, middle = across(390 + 44 * turn), (top + foot) // 2
        parts.append(f'<line class="other" x1="{x}" y1="{top}" x2="{x}" y2="{foot}"/>')
        for y in (top, foot):
            parts.append(f'<line class="tie" x1="{across(360)}" y1="{y}" x2="{x}" y2="{y}"/>')
        turned = f'transform="rotate(90 {x + 8} {middle})"'
        parts.append(f'<text class="small" x="{x + 8}" y="{middle}" text-anchor="middle" {turned}>{escape(name)}</text>')
    return Markup("".join(parts) + "</svg>")  # noqa: S704 - every label above is escaped


def flow(title: str, steps: Sequence[tuple[str, str]]) -> str:
    """A pathway as a free-standing SVG: a box for each step, with its condition if it has one."""
    width, row = 560, 70
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {row * len(steps) + 50}" role="img" aria-label="{escape(title)}" '
        'font-family="sans-serif" font-size="16">',
        f'<text x="20" y="30" font-weight="bold">{escape(title)}</text>',
    ]
    for place, (label, condition) in enumerate(steps):
        y = 50 + place * row
        dash = ' stroke-dasharray="5 4"' if condition else ""
        parts.append(f'<rect x="20" y="{y}" width="{width - 40}" height="44" rx="4" fill="none" stroke="#1f4e57" stroke-width="2"{dash}/>')
        parts.append(f'<text x="34" y="{y + 28}">{place + 1}. {escape(label)}{escape(f" (if {condition})" if condition else "")}</text>')
        if place:
            parts.append(f'<line x1="{width // 2}" y1="{y - row + 44}" x2="{width // 2}" y2="{y}" stroke="#1f4e57" stroke-width="2"/>')
    return "".join(parts) + "</svg>\n"
