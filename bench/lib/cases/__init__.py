"""All cases, in the order in which they run, with what the agent has to reach in each."""

from cases import changes, first_sync, limits, looks, upload
from cases.common import Case
from lab import SMALL
from peers import (Agent, Lsyncd, Rsync, RsyncCompressed, RsyncTls, Syncthing, SyncthingDefault,
                   Unison)
from results import BEST, Target
from sides import SlowLine

PRACTICE_MEAN_BYTES = 280_000  # the generator's own
SLOW_MEAN_BYTES = 29_000

_LOOK = "Both sides looked through and compared (`atozsync resync` on both at once)."
_FIRST = (Agent, Rsync, RsyncTls, Unison, Syncthing)
_EDITED = ("a byte inserted at the start", "a byte changed in the middle")

ALL = (
    Case("limits", "what the machine allows",
         "Copies, hashing, encryption and loopback TCP in one thread each.", "MB/s",
         limits.throughput),
    Case("limits-walk", "bare walks with stat",
         "Directory handles and one stat per entry; nothing is kept.", "files/s", limits.walks),
    Case("first-2000", "first sync, 2,000 files, fits the page cache", first_sync.__doc__,
         "s", lambda lab, results: first_sync.run(lab, results, 2_000, PRACTICE_MEAN_BYTES, _FIRST),
         (Target(1.3, "cp -r and sync"), Target(0.3, Syncthing.name))),
    Case("first-20000", "first sync, 20,000 files", first_sync.__doc__, "s",
         lambda lab, results: first_sync.run(lab, results, 20_000, PRACTICE_MEAN_BYTES, _FIRST),
         (Target(1.3, "cp -r and sync"), Target(0.3, Unison.name),
          Target(40, measure="memory"))),
    Case("first-200000", "first sync, 200,000 files of 1 KiB in 20,000 folders",
         first_sync.__doc__, "s",
         lambda lab, results: first_sync.run(lab, results, 200_000, SMALL, _FIRST),
         (Target(1.5, RsyncTls.name), Target(80, measure="memory"))),
    Case("second-20000", "second look, nothing changed, 20,000 files",
         _LOOK, "s",
         lambda lab, results: looks.second_look(lab, results, 20_000, SLOW_MEAN_BYTES),
         (Target(0.5, BEST),)),
    Case("second-200000", "second look, nothing changed, 200,000 files",
         _LOOK, "s",
         lambda lab, results: looks.second_look(lab, results, 200_000, SMALL),
         (Target(0.5, BEST),)),
    Case("rescan", "rescan of 1,000,000 files", looks.rescan.__doc__, "s",
         lambda lab, results: looks.rescan(lab, results, 1_000_000),
         (Target(1.5, "bare walk, 2 processes"), Target(200, measure="per_file"),
          Target(244, measure="memory"))),
    Case("latency", "one new 200 KB file until it stands on the other side",
         "The clock runs from before the first byte is written. By hand: the command follows at "
         "once.", "ms",
         lambda lab, results: changes.latency(
             lab, results, (Agent, Lsyncd, Rsync, Unison, Syncthing, SyncthingDefault)),
         (Target(15), Target(40, measure="p99"))),
    Case("burst", "5,000 new files of 10 to 50 KB while watching", changes.burst.__doc__, "s",
         lambda lab, results: changes.burst(lab, results, 5_000, False,
                                            (Agent, Lsyncd, Rsync, Unison, Syncthing)),
         (Target(0.6, Lsyncd.name),)),
    Case("burst-both", "new files on both sides at once, 2 × 2,500", changes.burst.__doc__, "s",
         lambda lab, results: changes.burst(lab, results, 2_500, True, (Agent, Unison, Syncthing)),
         (Target(0.25, Unison.name),)),
    Case("delta", "a 100 MiB file is edited: bytes on the wire, both ways together",
         "Random bytes; from the edit until nothing moves on the wire any more.", "kB",
         lambda lab, results: changes.deltas(lab, results, (Agent, Rsync, Unison, Syncthing)),
         (*(Target(8, part=part) for part in _EDITED), Target(1060, part="1 MiB appended"),
          Target(3, part="renamed"), Target(3, part="copied"))),
    Case("equal", "two equal trees of 200,000 files: bytes on the wire, both ways together",
         "Both know each other and were away. From their start through a whole comparison. First "
         "meeting: copies made apart, each looked through before, then paired.", "kB",
         lambda lab, results: looks.equal_trees(lab, results, 200_000), (Target(10),)),
    Case("memory", "memory of each side now, idle CPU", looks.memory.__doc__, "MiB",
         looks.memory,
         (*(Target(limit, part=part, measure="memory")
            for limit, part in ((40, "20,000 files"), (80, "200,000 files"))),
          *(Target(0.0005, part=part, measure="idle")
            for part in ("20,000 files", "200,000 files")))),
    Case("slow-2000", "first sync over a slow line, 2,000 files", first_sync.__doc__, "s",
         lambda lab, results: first_sync.run(
             lab, results, 2_000, SLOW_MEAN_BYTES,
             (Agent, Rsync, RsyncCompressed, Unison, Syncthing), SlowLine, copies=False),
         (Target(0.7, RsyncCompressed.name),)),
    Case("slow-one", "one new 200 KB file over a slow line",
         "The clock runs from before the first byte is written. By hand: the command follows at "
         "once.", "ms",
         lambda lab, results: changes.latency_fresh(lab, results,
                                                    (Agent, Rsync, Unison, Syncthing), SlowLine),
         (Target(250),)),
    Case("upload", "an upload limit: how far off it is", upload.__doc__, "%", upload.run,
         tuple(Target(5, part=part[0]) for part in upload.PARTS)),
)


def named(name):
    return next((case for case in ALL if case.name == name), None)
