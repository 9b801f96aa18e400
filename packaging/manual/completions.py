"""Completions for bash, zsh and fish from the command tree (make_manual.py)."""

# What stands for the value of an option, and is completed as directories or files.
DIRECTORIES = ("--state", "--root")


def value_word(option):
    longest = max(option["names"], key=len, default="value")
    return "DIR" if longest in DIRECTORIES else longest.lstrip("-").upper().replace("-", "_")


def walk(tree, path=()):
    """Yields (path, command) for the program itself, with an empty path, and for every command."""
    yield path, tree
    for command in tree["commands"]:
        yield from walk(command, path + (command["name"],))


def words_at(command):
    return [sub["name"] for sub in command["commands"]]


def options_at(tree, command):
    """Options of a command and those of the program, which every command takes."""
    options = [option for option in command["options"] if not option["argument"]]
    if command is not tree:
        known = {name for option in options for name in option["names"]}
        options += [option for option in tree["options"]
                    if not option["argument"] and "--version" not in option["names"]
                    and not known & set(option["names"])]
    return options


def argument_choices(command):
    return [choice for option in command["options"] if option["argument"]
            for choice in option["choices"]]


BASH = """# bash completion for atozsync
_atozsync() {{
  local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}} path="" word i
  for ((i = 1; i < COMP_CWORD; ++i)); do
    word=${{COMP_WORDS[i]}}
    case "$path $word" in
{steps}
    esac
  done
  case "$path $prev" in
{values}
  esac
  local words=""
  case "$path" in
{words}
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}}
complete -o default -F _atozsync atozsync
"""


def bash(tree):
    steps, values, words = [], [], []
    for path, command in walk(tree):
        key = " ".join(path)
        if path:
            steps.append(f'      "{" ".join(path[:-1])} {path[-1]}") path="{key}" ;;')
        for option in options_at(tree, command):
            if not option["takes_value"]:
                continue
            pattern = "|".join(f'"{key} {name}"' for name in option["names"])
            if option["choices"]:
                how = f'-W "{" ".join(option["choices"])}"'
            else:
                how = "-d" if set(option["names"]) & set(DIRECTORIES) else "-f"
            values.append(f'    {pattern}) mapfile -t COMPREPLY < <(compgen {how} -- "$cur")\n'
                          '      return ;;')
        names = [name for option in options_at(tree, command) for name in option["names"]]
        listed = words_at(command) + argument_choices(command) + names
        words.append(f'    "{key}") words="{" ".join(listed)}" ;;')
    return BASH.format(steps="\n".join(steps), values="\n".join(values), words="\n".join(words))


def zsh_text(text):
    for char in "\\'[]:":
        text = text.replace(char, "'\\''" if char == "'" else "\\" + char)
    return text


def zsh_option(option):
    """One specification of _arguments for each name."""
    about = zsh_text(option["about"])
    for name in option["names"]:
        value = ""
        if option["takes_value"]:
            if option["choices"]:
                action = "(" + " ".join(option["choices"]) + ")"
            else:
                action = "_files -/" if name in DIRECTORIES else "_files"
            value = f":{value_word(option)}:{action}"
        many = "*" if option["many"] else ""
        yield f"'{many}{name}[{about}]{value}'"


def zsh(tree):
    lines = ["#compdef atozsync", ""]
    for path, command in walk(tree):
        function = "_".join(("_atozsync",) + path).replace("-", "_")
        lines += [f"{function}() {{"]
        specs = [spec for option in options_at(tree, command) for spec in zsh_option(option)]
        if command["commands"]:
            described = " ".join(f"'{sub['name']}:{zsh_text(sub['about'])}'"
                                 for sub in command["commands"])
            lines += ["  local state line", f"  local -a commands=({described})",
                      "  _arguments -C \\"] + [f"    {spec} \\" for spec in specs]
            lines += ["    '1: :->command' '*:: :->rest'", "  case $state in",
                      "    command) _describe command commands ;;", "    rest) case $line[1] in"]
            for sub in command["commands"]:
                inner = (function + "_" + sub["name"]).replace("-", "_")
                lines.append(f"      {sub['name']}) {inner} ;;")
            lines += ["    esac ;;", "  esac"]
        else:
            choices = argument_choices(command)
            rest = f"({' '.join(choices)})" if choices else "_files"
            lines += ["  _arguments \\"] + [f"    {spec} \\" for spec in specs]
            lines += [f"    '*: :{rest}'"]
        lines += ["}", ""]
    return "\n".join(lines + ['_atozsync "$@"', ""])


def fish_text(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def fish(tree):
    lines = ["# fish completion for atozsync"]
    for path, command in walk(tree):
        seen = [f"__fish_seen_subcommand_from {word}" for word in path]
        if command["commands"]:
            inner = " ".join(words_at(command))
            seen.append(f"not __fish_seen_subcommand_from {inner}")
        condition = fish_text("; and ".join(seen))
        for sub in command["commands"]:
            lines.append(f"complete -c atozsync -f -n {condition} -a {sub['name']} "
                         f"-d {fish_text(sub['about'])}")
        for choice in argument_choices(command):
            lines.append(f"complete -c atozsync -f -n {condition} -a {choice}")
        # Those of the program hold everywhere.
        for option in command["options"]:
            if option["argument"]:
                continue
            names = "".join(" -l " + name[2:] if name.startswith("--") else " -s " + name[1:]
                            for name in option["names"])
            value = ""
            if option["takes_value"]:
                value = " -r"
                if option["choices"]:
                    value = f" -x -a {fish_text(' '.join(option['choices']))}"
            where = "" if not path else f" -n {condition}"
            lines.append(f"complete -c atozsync{where}{names}{value} "
                         f"-d {fish_text(option['about'])}")
    return "\n".join(lines) + "\n"
