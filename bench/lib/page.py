"""Tables for the terminal and for docs/performance.md: a section between marks for each case."""

import inspect
import os
import platform
import re
import statistics
import time

import plot
from paths import PAGE, PLOTS
from results import number, percentile, reaches

HEAD = ("candidate", "median", "minimum", "maximum", "CPU s a + b", "peak MiB a / b",
        "MB on the wire → / ←", "note")

_SECTION = re.compile(r"<!-- begin (\S+) -->(.*?)<!-- end \1 -->\n*", re.S)


def row(results, part, candidate):
    samples = results.samples[(part, candidate)]
    unit = results.case.unit
    values = results.every_value(part, candidate)
    cells = [candidate, *(number(value, unit) for value in
                          (statistics.median(values), min(values), max(values)))]
    if candidate in results.limits:
        cells += ["", "", ""]
    else:
        cpu = [statistics.median(sample.cpu[side] for sample in samples) for side in (0, 1)]
        wire = [statistics.median(sample.wire[side] for sample in samples) / 1e6
                for side in (0, 1)]
        largest = max(samples, key=lambda sample: sample.peak_bytes(0) + sample.peak_bytes(1))
        digits = 1 if sum(wire) >= 10 else 4
        cells += [f"{cpu[0]:.2f} + {cpu[1]:.2f}", largest.processes(),
                  f"{wire[0]:,.{digits}f} / {wire[1]:,.{digits}f}"]
    notes = [sample.note for sample in samples if sample.note][-1:]
    if any(sample.spread for sample in samples):
        notes.insert(0, f"p99 {number(percentile(values, 0.99), unit)} of {len(values)}")
    return cells + ["; ".join(notes)]


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        cpu = next((line.split(":")[1].strip() for line in file if "model name" in line), "?")
    return f"{os.cpu_count()} cores ({cpu}), Linux {platform.release()}"


def section(results, command, runs, scale, load):
    """The Markdown of one case."""
    case = results.case
    lines = [f"## {case.name}: {case.title}", "", inspect.cleandoc(case.words), ""]
    lines += [f"Command: `{command}`, {time.strftime('%Y-%m-%d')}; medians of {runs} interleaved "
              f"runs; {machine()}; load that was not ours before it: {load}."]
    if scale != 1:
        lines.append(f"**Scaled: numbers of files are {scale:g} of the case's.**")
    lines += results.heads + [""]
    for part in results.parts():
        if part:
            lines += [f"**{part}**", ""]
        lines += ["| " + " | ".join(HEAD) + " |", "|---|---:|---:|---:|---:|---:|---:|---|"]
        lines += ["| " + " | ".join(row(results, part, name)) + " |"
                  for name in results.candidates(part)]
        lines.append("")
    found = reaches(results)
    if found:
        lines += ["| reach | figure | |", "|---|---:|---|"]
        lines += [f"| {reach.words} | {reach.figure} | {reach.verdict} |" for reach in found]
        lines.append("")
    for candidate, text in results.failures:
        lines += [f"**{candidate} failed**: `{' '.join(text.split())[:300]}`", ""]
    return "\n".join(lines)


def save(results, text, order):
    """Replaces the section of the case, or adds it, with its plot. Sections stand in the `order` of
    the names of cases; those of others stay at the end."""
    name = results.case.name
    os.makedirs(PLOTS, exist_ok=True)
    with open(os.path.join(PLOTS, f"{name}.svg"), "w", encoding="utf-8") as file:
        file.write(plot.bars(results))
    with open(PAGE, encoding="utf-8") as file:
        page = file.read()
    sections = dict(_SECTION.findall(page))
    sections[name] = f"\n{text}\n![{name}](performance/{name}.svg)\n\n"
    names = sorted(sections, key=lambda each: order.index(each) if each in order else len(order))
    blocks = [f"<!-- begin {each} -->{sections[each]}<!-- end {each} -->" for each in names]
    with open(PAGE, "w", encoding="utf-8") as file:
        file.write("\n\n".join([_SECTION.sub("", page).rstrip(), *blocks]) + "\n")
