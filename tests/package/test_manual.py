"""Manual pages and completions know everything that the program knows."""

import pathlib
import re
import shutil
import tempfile
import unittest

from tools import MANUAL, PROGRAM, commands, run


def help_words(path):
    """Commands and options as --help lists them, which is another way to them than the tree."""
    text = run(PROGRAM, *path, "--help")
    options = re.findall(r"(?<![\w-])--[a-z][a-z-]*", text)
    listed = text.split("Subcommands:\n", 1)[1] if "Subcommands:\n" in text else ""
    subcommands = re.findall(r"^  ([a-z][a-z-]*)", listed, re.MULTILINE)
    return set(options), set(subcommands)


def section(text, name):
    """Of a manual page: from one .SS or .SH to the next."""
    found = re.search(rf'^\.S[SH] "?{re.escape(name)}"?\n(.*?)(?=^\.S[SH] |\Z)', text,
                      re.MULTILINE | re.DOTALL)
    return found.group(1) if found else None


class ManualTest(unittest.TestCase):

    def setUp(self):
        self.program = (MANUAL / "atozsync.1").read_text(encoding="utf-8")
        self.configuration = (MANUAL / "atozsync.toml.5").read_text(encoding="utf-8")

    def test_the_tree_is_what_help_shows(self):
        for path, command in commands():
            options, subcommands = help_words(path)
            known = {name for option in command["options"] for name in option["names"]
                     if name.startswith("--")}
            self.assertLessEqual(known, options, path)
            self.assertEqual(subcommands, {sub["name"] for sub in command["commands"]}, path)

    def test_every_command_and_option_is_in_the_page(self):
        seen = 0
        for path, command in commands():
            if not path:
                continue
            text = section(self.program, path[0].replace("-", "\\-"))
            self.assertIsNotNone(text, f"{path[0]} has no section")
            text = text.replace("\\-", "-")
            self.assertIn(" ".join(path) if len(path) > 1 else command["about"], text)
            for name in help_words(path)[0] - {"--help", "--state"}:
                if not any(name in option["names"] for option in command["options"]):
                    continue  # a word in some description
                self.assertIn("\\fB" + name + "\\fR", text, path)
                seen += 1
        self.assertGreater(seen, 30)

    def test_every_key_is_in_the_page_of_the_configuration(self):
        """The program itself lists its sections and keys, when it meets one that it does not know."""
        sections = self.known("[nonsense]\n")
        self.assertIn("replica", sections)
        tables = {f"[{name}]": f"[{name}]\nnonsense = 1\n" for name in sections if name != "peer"}
        tables["[[peer]]"] = "[[peer]]\nnonsense = 1\n"
        tables["[[network.schedule]]"] = "[[network.schedule]]\nnonsense = 1\n"
        for name, text in tables.items():
            keys = self.known(text)
            self.assertTrue(keys, name)
            page = section(self.configuration, name)
            self.assertIsNotNone(page, f"{name} is not described in atozsync.toml.5.in")
            described = re.findall(r"^\.TP\n\.B (\S+)$", page, re.MULTILINE)
            self.assertEqual(sorted(keys), sorted(described), name)

    def known(self, text):
        with tempfile.TemporaryDirectory() as state:
            (pathlib.Path(state) / "atozsync.toml").write_text(
                text + ('[replica]\nroot = "/r"\nname = "n"\n' if "[replica]" not in text else ""),
                encoding="utf-8")
            said = run("sh", "-c", '"$@" 2>&1', "sh", PROGRAM, "--state", state, "run", rc=2)
        found = re.search(r"known(?: here)?: (.*)", said)
        self.assertIsNotNone(found, said)
        return found.group(1).split(", ")

    def test_the_pages_are_well_formed(self):
        for page in ("atozsync.1", "atozsync.toml.5"):
            self.assertEqual("", run("mandoc", "-T", "lint", "-W", "warning", MANUAL / page,
                                     rc=None).replace("\n", "").strip(), page)
            self.assertNotRegex((MANUAL / page).read_text(encoding="utf-8"), "@[A-Z]+@")
        shown = run("man", "--local-file", "--encoding=ascii", MANUAL / "atozsync.1")
        self.assertRegex(shown, r"restore +PATH")


class CompletionTest(unittest.TestCase):

    def completed_by_bash(self, *words):
        script = (f'source "{MANUAL}/completions/atozsync.bash"; COMP_WORDS=("$@"); '
                  'COMP_CWORD=$(($# - 1)); _atozsync; printf "%s\\n" "${COMPREPLY[@]}"')
        return run("bash", "--norc", "-c", script, "bash", "atozsync", *words).split()

    def test_bash_offers_every_command_and_option(self):
        for path, command in commands():
            options, subcommands = help_words(path)
            offered = self.completed_by_bash(*path, "")
            self.assertLessEqual(subcommands, set(offered), path)
            names = {name for option in command["options"] for name in option["names"]}
            self.assertLessEqual(options & names, set(self.completed_by_bash(*path, "--")), path)

    def test_bash_knows_values(self):
        self.assertEqual(["winner", "loser", "both"],
                         self.completed_by_bash("conflicts", "resolve", "7", "--keep", ""))
        self.assertEqual(["--state"], self.completed_by_bash("status", "--sta"))
        with tempfile.TemporaryDirectory() as place:
            (pathlib.Path(place) / "dir").mkdir()
            (pathlib.Path(place) / "file").touch()
            self.assertEqual([place + "/dir"],
                             self.completed_by_bash("init", "--root", place + "/"))

    def test_bash_is_not_led_astray_by_options_before_a_command(self):
        self.assertIn("resolve", self.completed_by_bash("--state", "/x", "conflicts", ""))

    def test_zsh_accepts_and_names_everything(self):
        self.assertIsNotNone(shutil.which("zsh"))
        file = MANUAL / "completions/_atozsync"
        run("zsh", "-n", file)
        text = file.read_text(encoding="utf-8")
        for path, command in commands():
            function = "_".join(("_atozsync",) + path).replace("-", "_") + "() {"
            self.assertIn(function, text)
            body = text.split("\n" + function, 1)[1].split("\n}\n", 1)[0]
            for option in command["options"]:
                for name in option["names"]:
                    self.assertIn(name + "[", body, path)

    def completed_by_fish(self, line):
        script = f'source "{MANUAL}/completions/atozsync.fish"; complete -C "{line}"'
        with tempfile.TemporaryDirectory() as home:
            said = run("fish", "--no-config", "-c", script, env={"HOME": home, "PATH": "/usr/bin"})
        return [offer.split("\t")[0] for offer in said.splitlines()]

    def test_fish_offers_every_command_and_option(self):
        self.assertIsNotNone(shutil.which("fish"))
        for path, command in commands():
            line = " ".join(("atozsync",) + path)
            if command["commands"]:
                self.assertLessEqual({sub["name"] for sub in command["commands"]},
                                     set(self.completed_by_fish(line + " ")), path)
            names = {name for option in command["options"] for name in option["names"]
                     if name.startswith("--")}
            if path:
                self.assertLessEqual(names, set(self.completed_by_fish(line + " --")), path)
