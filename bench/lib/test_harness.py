"""What bench/run computes, compares and writes; nothing is measured here."""

import os
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree
from unittest import mock

import paths  # noqa: F401, I001 (it says where the others are)

import page
import plot
import processes
from cases import ALL
from cases.changes import Burst
from cases.common import Case, attempt
from lab import Lab, files_below
from measure import Sample
from processes import Group, memory_of
from results import BEST, Results, Target, percentile, reaches
from sides import Failed


def results_of(targets=(), unit="s", **values):
    """`values`: the candidates' figures, run by run; a limit's name begins with "limit"."""
    results = Results(Case("name", "a title", "words", unit, None, tuple(targets)))
    for candidate, figures in values.items():
        for figure in figures:
            results.add(candidate, Sample(value=figure, seconds=figure),
                        limit=candidate.startswith("limit"))
    return results


class ReachTest(unittest.TestCase):

    def only(self, target, **values):
        (reach,) = reaches(results_of([target], **values))
        return reach

    def test_runs_side_by_side_are_compared(self):
        # The medians are 2 and 20: 0.1; the runs say 0.5 each, whatever the machine did meanwhile.
        reach = self.only(Target(0.4, "peer"), atozsync=[1, 10, 2], peer=[2, 20, 4])
        self.assertAlmostEqual(0.5 / 0.4, reach.ratio)
        self.assertEqual("missed", reach.verdict)

    def test_the_best_peer_is_no_limit_and_not_the_agent(self):
        reach = self.only(Target(0.5, BEST), atozsync=[1], fast=[3], slow=[9], limit=[0.1])
        self.assertIn("fast", reach.words)
        self.assertEqual("met", reach.verdict)

    def test_exactly_at_the_target_is_met(self):
        self.assertEqual("met", self.only(Target(15), atozsync=[15]).verdict)

    def test_without_a_figure_there_is_no_verdict(self):
        self.assertEqual([], reaches(results_of([Target(1, "peer")], atozsync=[1])))
        self.assertEqual([], reaches(results_of([Target(1)], peer=[1])))

    def test_p99_is_of_all_values_of_all_runs(self):
        results = Results(Case("name", "a title", "", "ms", None, (Target(40, measure="p99"),)))
        for slow in (1, 50):
            results.add("atozsync", Sample(value=1, spread=[1] * 9 + [slow]))
        (reach,) = reaches(results)
        self.assertAlmostEqual(50 / 40, reach.ratio)
        self.assertEqual(3, percentile([3, 1, 2], 0.99))

    def test_memory_is_that_of_the_larger_side(self):
        results = Results(Case("name", "a title", "", "s", None, (Target(40, measure="memory"),)))
        results.add("atozsync", Sample(peaks=((("x", 10 << 20), ("y", 10 << 20)),
                                              (("x", 60 << 20),))))
        self.assertAlmostEqual(1.5, reaches(results)[0].ratio)

    def test_every_target_names_something_that_its_case_measures(self):
        for case in ALL:
            for target in case.targets:
                self.assertIn(target.measure, ("value", "p99", "memory", "per_file", "idle"))
        self.assertEqual(len(ALL), len({case.name for case in ALL}))


class PageTest(unittest.TestCase):

    def setUp(self):
        self.temp = tempfile.TemporaryDirectory()
        self.addCleanup(self.temp.cleanup)
        self.page = os.path.join(self.temp.name, "performance.md")
        with open(self.page, "w", encoding="utf-8") as file:
            file.write("# Performance\n\nWords of ours.\n")
        self.plots = os.path.join(self.temp.name, "performance")
        for name, value in (("PAGE", self.page), ("PLOTS", self.plots)):
            patched = mock.patch.object(page, name, value)
            patched.start()
            self.addCleanup(patched.stop)

    def text(self):
        with open(self.page, encoding="utf-8") as file:
            return file.read()

    def test_a_section_is_replaced_and_the_rest_stays(self):
        results = results_of([Target(2, "peer")], atozsync=[1.0], peer=[3.0])
        page.save(results, "first", ["name"])
        page.save(results, "second \\1", ["name"])
        self.assertEqual(1, self.text().count("<!-- begin name -->"))
        self.assertIn("second \\1", self.text())
        self.assertNotIn("first", self.text())
        self.assertTrue(self.text().startswith("# Performance\n\nWords of ours.\n"))

    def test_sections_stand_in_the_order_of_the_cases(self):
        for name in ("last", "first", "unknown", "last"):
            results = results_of(atozsync=[1.0])
            results.case = Case(name, "a title", "", "s", None)
            page.save(results, f"text of {name}", ["first", "last"])
        places = [self.text().index(f"text of {name}") for name in ("first", "last", "unknown")]
        self.assertEqual(sorted(places), places)
        self.assertEqual(3, self.text().count("text of"))

    def test_a_section_says_how_it_came_about(self):
        results = results_of([Target(2, "peer")], atozsync=[1.0, 3.0], peer=[3.0, 3.0])
        results.failures.append(("other", "the trees differ"))
        text = page.section(results, "bench/run name", 2, 0.1, "3.5")
        for words in ("`bench/run name`", "medians of 2", "Scaled", "3.5", "| atozsync | 2.000 s |",
                      "met", "**other failed**"):
            self.assertIn(words, text)

    def test_a_plot_is_well_formed_whatever_the_figures(self):
        for values in ({"atozsync": [1.0], "peer": [1000.0]}, {"atozsync": [0.0]},
                       {"atozsync": [5], "a < b & c": [6], "limit": [1]}):
            results = results_of([Target(2, "peer")], **values)
            drawn = xml.etree.ElementTree.fromstring(plot.bars(results))
            texts = "".join(drawn.itertext())
            for name in values:
                self.assertIn(name, texts)


class LabTest(unittest.TestCase):

    def setUp(self):
        temp = tempfile.TemporaryDirectory()
        self.addCleanup(temp.cleanup)
        self.lab = Lab(temp.name, runs=1, scale=1, only=())
        self.left, self.right = self.lab.place("left"), self.lab.place("right")

    def write(self, root, name, content):
        path = os.path.join(root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
        return path

    def test_one_other_byte_is_found(self):
        self.write(self.left, "B/x", b"abc")
        path = self.write(self.right, "B/x", b"abc")
        self.write(self.left, ".atozsync/root-id", b"not compared")
        Lab.compare(self.left, self.right)
        stat = os.stat(path)
        self.write(self.right, "B/x", b"abd")
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        with self.assertRaises(Failed):
            Lab.compare(self.left, self.right)

    def test_a_missing_file_is_found(self):
        self.write(self.left, "B/x", b"abc")
        with self.assertRaises(Failed):
            Lab.compare(self.left, self.right)

    def test_discarded_trees_keep_their_inodes(self):
        path = self.write(self.left, "B/x", b"abc")
        inode = os.stat(path).st_ino
        self.lab.discard(self.left)
        self.assertFalse(os.path.exists(self.left))
        kept = [os.stat(os.path.join(directory, name)) for directory, _, names in
                os.walk(self.lab.work) for name in names]
        self.assertEqual([(inode, 0)], [(stat.st_ino, stat.st_size) for stat in kept])

    def test_a_burst_has_arrived_when_every_file_is_whole(self):
        burst = Burst(120, "a", 0)
        arrived = burst.arrival(self.right)
        self.assertFalse(arrived())
        burst.write(self.right)
        last = os.path.join(self.right, burst.top, list(burst.files)[-1])
        os.truncate(last, 10)
        self.assertFalse(arrived())
        os.truncate(last, list(burst.files.values())[-1])
        self.assertTrue(arrived())
        self.assertEqual((120, sum(burst.files.values())), files_below(self.right))

    def test_a_candidate_that_fails_is_listed_and_the_others_go_on(self):
        results = results_of()
        with attempt(results, "peer"):
            Lab.compare(self.left, self.write(self.right, "x", b""))
        self.assertEqual("peer", results.failures[0][0])


class ProcessesTest(unittest.TestCase):

    def test_ended_children_are_counted(self):
        work = "sum(i * i for i in range(3_000_000))"
        child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {work!r}])"
        # With a control group where this user may make one, and without.
        for maker in (processes._control_group, lambda _: (None, None)):
            with mock.patch.object(processes, "_control_group", maker):
                group = Group("test", f"/proc/{os.getpid()}/ns/net")
            if not group.path:
                group.pids = lambda: []  # not everything that runs on this machine
            try:
                before = group.cpu_s()
                done = group.run([*group.prefix, sys.executable, "-c", child])
                self.assertEqual(0, done.returncode, done.stdout)
                self.assertGreater(group.cpu_s() - before, 0.05, maker)
            finally:
                group.close()

    def test_memory_of_a_process(self):
        name, peak, now = memory_of(os.getpid())
        self.assertIn("python", name)
        self.assertGreaterEqual(peak, now)
        ended = subprocess.Popen(["true"])
        ended.wait()
        self.assertIsNone(memory_of(ended.pid))


if __name__ == "__main__":
    unittest.main()
