"""A plot of one case as SVG text: a bar per candidate, its runs as ticks, the target as a line."""

import math
import statistics
from html import escape

from results import BEST, number

WIDTH, LABEL, ROW, TOP = 760, 190, 26, 40
OURS, THEIRS, LIMIT, LINE = "#1b6ca8", "#b0b7bf", "#dfe3e7", "#c0392b"
LOGARITHMIC_FROM = 30  # times between the largest and the smallest median


class _Scale:
    """Values to pixels; logarithmic where the figures are far apart."""

    def __init__(self, values):
        positive = [value for value in values if value > 0] or [1]
        self._low, self._high = min(positive), max(positive)
        self.logarithmic = self._high / self._low > LOGARITHMIC_FROM
        self._room = WIDTH - LABEL - 110

    def __call__(self, value):
        if self.logarithmic:
            low = math.log(self._low / 2)
            share = (math.log(max(value, self._low / 2)) - low) / (math.log(self._high) - low)
        else:
            share = value / self._high
        return LABEL + share * self._room


def _target(results, part):
    """The largest value that the agent may have, or None."""
    for target in results.case.targets:
        if target.part != part or target.measure != "value":
            continue
        if not target.reference:
            return target.limit
        if target.reference != BEST and (part, target.reference) in results.samples:
            return target.limit * statistics.median(results.values(part, target.reference))
    return None


def _part(results, part, top):
    names = results.candidates(part)
    medians = {name: statistics.median(results.every_value(part, name)) for name in names}
    limit = _target(results, part)
    scale = _Scale([*medians.values(), *([limit] if limit else [])])
    kind = ", logarithmic" if scale.logarithmic else ""
    lines = [f'<text x="8" y="{top + 18}" font-weight="bold">'
             f'{escape(part or results.case.title)} ({results.case.unit}{kind})</text>']
    y = top + TOP
    for name in names:
        color = (OURS if name.startswith("atozsync") else
                 LIMIT if name in results.limits else THEIRS)
        right = scale(medians[name])
        lines += [f'<text x="{LABEL - 8}" y="{y + 15}" text-anchor="end">{escape(name)}</text>',
                  f'<rect x="{LABEL}" y="{y + 3}" width="{max(1, right - LABEL):.1f}" '
                  f'height="{ROW - 8}" fill="{color}"/>',
                  f'<text x="{right + 6:.1f}" y="{y + 15}">'
                  f'{number(medians[name], results.case.unit)}</text>']
        for value in results.values(part, name):
            x = min(scale(value), WIDTH - 4)
            lines.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{y + 3}" y2="{y + ROW - 5}" '
                         'stroke="#333" stroke-opacity="0.4"/>')
        y += ROW
    if limit:
        x = scale(limit)
        lines.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top + TOP - 6}" y2="{y + 2}" '
                     f'stroke="{LINE}" stroke-dasharray="4 3" stroke-width="1.5">'
                     '<title>to be reached</title></line>')
    return lines, y + 12


def bars(results):
    lines, y = [], 0
    for part in results.parts():
        more, y = _part(results, part, y)
        lines += more
    return "\n".join(
        [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y}" '
         f'viewBox="0 0 {WIDTH} {y}" font-family="sans-serif" font-size="12">',
         f'<rect width="{WIDTH}" height="{y}" fill="white"/>', *lines, "</svg>"]) + "\n"
