"""What processes cost: CPU seconds of all of a side, ended ones too, and the peak memory of each.

CPU comes from a control group where this user may make one (version 2, or cpuacct of version 1);
else from /proc, for all processes in the side's network namespace, with the ended ones that
somebody waited for. Peaks come from /proc, looked at all the time by one thread: a process that
lives shorter than that is not seen.
"""

import os
import subprocess
import threading

PAUSE_S = 0.03
_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_HIERARCHIES = (("/sys/fs/cgroup", "cpu.stat"), ("/sys/fs/cgroup/unified", "cpu.stat"),
                ("/sys/fs/cgroup/cpuacct", "cpuacct.usage"))


def _control_group(name):
    """(path, file with the CPU time), or nothing where this user may not make one."""
    for top, file in _HIERARCHIES:
        path = os.path.join(top, name)
        try:
            os.mkdir(path)
        except OSError:
            continue
        if os.path.exists(os.path.join(path, file)):
            return path, file
        os.rmdir(path)
    return None, None


class Group:
    """The processes of one side. `namespace`: path of its network namespace."""

    def __init__(self, name, namespace):
        self._space = os.readlink(namespace)
        self._ended_s = 0.0
        self.path, self._file = _control_group(f"atozsync-bench-{os.getpid()}-{name}")
        self.prefix = []
        if self.path:
            self.prefix = ["sh", "-c", 'echo $$ > "$0/cgroup.procs" && exec "$@"', self.path]

    def run(self, command, **options):
        """Runs to the end; what it used is counted."""
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, **options)
        output = process.stdout.read()
        process.stdout.close()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self._ended_s += usage.ru_utime + usage.ru_stime
        return subprocess.CompletedProcess(command, process.returncode, output, None)

    def pids(self):
        if self.path:
            try:
                with open(os.path.join(self.path, "cgroup.procs"), encoding="ascii") as file:
                    return [int(line) for line in file]
            except FileNotFoundError:  # closed
                return []
        found = []
        for name in os.listdir("/proc"):
            try:
                if name.isdigit() and os.readlink(f"/proc/{name}/ns/net") == self._space:
                    found.append(int(name))
            except OSError:
                continue
        return found

    def cpu_s(self):
        if not self.path:
            return self._ended_s + sum(map(_cpu_of, self.pids()))
        with open(os.path.join(self.path, self._file), encoding="ascii") as file:
            if self._file == "cpuacct.usage":
                return int(file.read()) / 1e9
            return int(file.readline().split()[1]) / 1e6

    def close(self):
        if self.path:
            try:
                os.rmdir(self.path)
            except OSError:
                pass  # a process that is just ending; the system's own clean-up takes it


def _cpu_of(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return sum(map(int, fields[11:15])) * _TICK_S
    except OSError:
        return 0.0


def memory_of(pid):
    """(name, peak bytes, bytes now) of a process, or None."""
    values = {}
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as file:
            for line in file:
                key, _, value = line.partition(":")
                values[key] = value.split()
        return (values["Name"][0], int(values["VmHWM"][0]) * 1024, int(values["VmRSS"][0]) * 1024)
    except (OSError, KeyError, IndexError):
        return None


class Peaks:
    """Looks at the memory of all processes of some groups until it is stopped."""

    def __init__(self, groups):
        self._groups = groups
        self._largest = [[] for _ in groups]
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self._end.wait(PAUSE_S):
            self._look()

    def _look(self):
        for number, group in enumerate(self._groups):
            found = [memory for pid in group.pids() if (memory := memory_of(pid))]
            peaks = [entry[:2] for entry in found if entry[0] not in ("sh", "nsenter")]
            if _sum(peaks) > _sum(self._largest[number]):
                self._largest[number] = peaks

    def stop(self):
        """For each group (name, peak bytes) of the processes at the moment when they had most
        together, largest first."""
        self._end.set()
        self._thread.join()
        self._look()
        return [sorted(peaks, key=lambda entry: -entry[1]) for peaks in self._largest]


def _sum(peaks):
    return sum(size for _, size in peaks)
