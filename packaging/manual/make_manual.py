#!/usr/bin/env python3
"""Makes manual pages and shell completions from the program's own commands and options.

    make_manual.py PROGRAM VERSION OUT

Asks PROGRAM for its command tree; the words around it are in atozsync.1.in, and the configuration
is described in atozsync.toml.5.in, both beside this file. Writes to OUT:
atozsync.1, atozsync.toml.5, completions/{atozsync.bash,_atozsync,atozsync.fish}.
"""
import json
import pathlib
import subprocess
import sys

import completions

HERE = pathlib.Path(__file__).parent


def roff(text):
    """`text` as running roff text: nothing in it is a request, a hyphen is one that can be copied."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line
                     for line in text.splitlines())


def option_line(option):
    """How an option is written: its names in bold, what it takes in italics."""
    value = ""
    if option["choices"]:
        value = " " + " | ".join("\\fI" + roff(choice) + "\\fR" for choice in option["choices"])
    elif option["takes_value"] and not option["argument"]:
        value = " \\fI" + completions.value_word(option) + "\\fR"
    if option["argument"]:
        many = "…" if option["many"] else ""
        return "\\fI" + roff(option["argument"].upper()) + many + "\\fR" + (
            " (" + value.strip() + ")" if value else "")
    return ", ".join("\\fB" + roff(name) + "\\fR" for name in option["names"]) + value


def is_help(option):
    return "--help" in option["names"]


def options_text(command):
    lines = []
    for option in command["options"]:
        if not is_help(option):
            lines += [".TP", option_line(option), roff(option["about"]) or "\\&"]
    return lines


def synopsis(path, command):
    words = ["\\fB" + roff(path) + "\\fR"]
    for option in command["options"]:
        if is_help(option):
            continue
        word = option_line(option)
        words.append(word if option["required"] else "[" + word + "]")
    return " ".join(words)


def commands_text(commands, before=""):
    lines = []
    for command in commands:
        path = before + command["name"]
        if command["commands"] and not before:
            lines += [".SS " + roff(path), roff(command["about"]) + "."]
            own = [option for option in command["options"] if not is_help(option)]
            if own:
                lines += options_text(command)
        elif not before:
            lines += [".SS " + roff(path), synopsis(path, command), ".PP",
                      roff(command["about"]) + "."]
            lines += options_text(command)
        else:
            lines += [".PP", synopsis(path, command), ".RS", roff(command["about"]) + "."]
            lines += options_text(command) + [".RE"]
        lines += commands_text(command["commands"], path + " ")
    return lines


def fill(name, version, parts):
    text = (HERE / name).read_text(encoding="utf-8").replace("@VERSION@", version)
    for key, lines in parts.items():
        text = text.replace("@" + key + "@\n", "\n".join(lines) + "\n")
    return text


def main(program, version, out):
    tree = json.loads(subprocess.run([program, "command-tree"], check=True, capture_output=True,
                                     text=True).stdout)
    out = pathlib.Path(out)
    (out / "completions").mkdir(parents=True, exist_ok=True)
    written = {
        "atozsync.1": fill("atozsync.1.in", version,
                           {"OPTIONS": options_text(tree),
                            "COMMANDS": commands_text(tree["commands"])}),
        "atozsync.toml.5": fill("atozsync.toml.5.in", version, {}),
        "completions/atozsync.bash": completions.bash(tree),
        "completions/_atozsync": completions.zsh(tree),
        "completions/atozsync.fish": completions.fish(tree),
    }
    for name, text in written.items():
        (out / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
