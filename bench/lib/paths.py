"""Where the programs are, and how modules of the end-to-end tests are found from here."""

import os
import sys

PROJECT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(PROJECT, "build", "release")
PAGE = os.path.join(PROJECT, "docs", "performance.md")
PLOTS = os.path.join(PROJECT, "docs", "performance")

AGENT = os.environ.setdefault("ATOZSYNC_BIN", os.path.join(BUILD, "agent", "atozsync"))
GENERATE = os.environ.setdefault(
    "ATOZSYNC_GENERATE", os.path.join(BUILD, "tools", "atoz_folder", "atozsync-generate"))
LIMITS = os.path.join(BUILD, "bench", "bench_limits")
SLOW_LINE = os.path.join(BUILD, "bench", "bench_slow_line")

sys.path.insert(0, os.path.join(PROJECT, "tests", "e2e"))


def missing():
    return [path for path in (AGENT, GENERATE, LIMITS, SLOW_LINE) if not os.path.exists(path)]
