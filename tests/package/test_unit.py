"""The systemd unit: right for systemd, and as closed as it claims."""

import pathlib
import re
import tempfile
import unittest

from tools import UNIT, run

EXPOSURE_MAX = 2.0


class UnitTest(unittest.TestCase):

    def test_systemd_understands_all_of_it(self):
        """The program of the unit is not installed here: a link stands for it."""
        with tempfile.TemporaryDirectory() as place:
            text = UNIT.read_text(encoding="utf-8").replace("/usr/bin/atozsync", "/bin/true")
            text = re.sub(r"^Documentation=.*\n", "", text, flags=re.MULTILINE)
            copy = pathlib.Path(place) / "atozsync.service"
            copy.write_text(text, encoding="utf-8")
            said = run("sh", "-c", 'systemd-analyze verify --man=no "$1" 2>&1', "sh", copy,
                       rc=None)
            self.assertEqual([], [line for line in said.splitlines() if "atozsync" in line], said)
            copy.write_text(text.replace("UMask=0007", "UMusk=0007"), encoding="utf-8")
            said = run("sh", "-c", 'systemd-analyze verify --man=no "$1" 2>&1', "sh", copy,
                       rc=None)
            self.assertIn("UMusk", said, "it would tell")

    def test_its_exposure_is_low(self):
        said = run("systemd-analyze", "security", "--offline=true", "--no-pager", UNIT)
        found = re.search(r"Overall exposure level for atozsync.service: ([0-9.]+)", said)
        self.assertIsNotNone(found, said)
        self.assertLess(float(found.group(1)), EXPOSURE_MAX, said)
