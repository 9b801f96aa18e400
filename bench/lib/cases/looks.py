"""Nothing changed: how soon, and with how many bytes, that is known; what it costs to be there."""

import os
import time

from cases.common import attempt, ended, note, taking_part
from cases.limits import note_walks
from lab import SMALL
from measure import MIB, Span, timed
from peers import Agent, Rsync, Syncthing, Unison
from processes import memory_of
from sides import Wire

IDLE_S = 30


def prepared(lab, results, kinds, files, shape):
    """Peers that know that the twins are equal; none of them runs."""
    tree, copy = lab.twins(files, shape)
    pairs = [lab.pair(kind.name, Wire, (tree.path, copy)) for kind in kinds]
    peers = []
    for kind, pair in zip(kinds, pairs):
        peer = kind(pair)
        with attempt(results, peer.name), ended(peer):
            peer.prepare(lab.source(files, shape).files)
            peers.append(peer)
    return peers


def prepared_twins(lab, results, files, shape):
    """(peers, tree, copy): everybody who can find out that nothing changed, and the twins."""
    files = lab.scaled(files, 20)
    kinds = taking_part(lab, (Agent, Rsync, Unison, Syncthing))
    return (prepared(lab, results, kinds, files, shape), *lab.twins(files, shape))


def still_equal(lab, results, *roots):
    with attempt(results, "the trees afterwards"):
        lab.compare(*roots)


def second_look(lab, results, files, shape):
    peers, tree, copy = prepared_twins(lab, results, files, shape)
    results.heads.append(f"{tree.files:,} files, {tree.bytes / 1e6:,.1f} MB; {Wire.words}.")
    for _ in range(lab.runs):
        lab.warm(tree.path, copy)
        note_walks(results, tree.path)
        for peer in peers:
            with attempt(results, peer.name), ended(peer):
                peer.start()
                peer.catch_up()
                with Span(peer.pair.link) as span:
                    peer.look()
                    span.stop_clock()
                peer.stop()
                note(results, peer.name, span.sample)
    still_equal(lab, results, tree.path, copy)


def equal_trees(lab, results, files):
    """Both know each other and were away: bytes from their start until all has been compared."""
    peers, tree, copy = prepared_twins(lab, results, files, SMALL)
    results.heads.append(f"{tree.files:,} files; {Wire.words}.")
    for _ in range(lab.runs):
        for peer in peers:
            with attempt(results, peer.name), ended(peer):
                with Span(peer.pair.link) as span:
                    peer.start()
                    peer.settled()
                    peer.agree()
                    span.stop_clock()
                    span.until_quiet()
                peer.stop()
                _note_bytes(results, peer.name, span.sample)
    # Last: what the peers put into the roots is moved out for it.
    for _ in range(lab.runs if lab.wanted("atozsync, first meeting") else 0):
        with attempt(results, "atozsync, first meeting"):
            _first_meeting(lab, results, tree, copy)
    still_equal(lab, results, tree.path, copy)


def _first_meeting(lab, results, tree, copy):
    peer = Agent(lab.pair("first-meeting", Wire, (tree.path, copy)))
    with ended(peer):
        peer.meet_apart()
        with Span(peer.pair.link) as span:
            peer.meet()
            peer.settled()
            span.stop_clock()
            span.until_quiet()
        peer.stop()
    _note_bytes(results, "atozsync, first meeting", span.sample)


def _note_bytes(results, name, sample):
    sample.value = sum(sample.wire) / 1e3
    sample.note = f"{sample.seconds:.2f} s"
    note(results, name, sample)


def rescan(lab, results, files):
    """One agent alone with a very large folder."""
    files = lab.scaled(files, 20)
    tree = lab.source(files, SMALL)
    results.heads.append(f"{tree.files:,} files of 1 KiB, ten in a directory.")
    bare = lab.pair("an-empty-folder")
    peer = Agent(bare)
    with ended(peer):
        peer.replicas[0].init().start()
        empty_bytes = memory_of(peer.replicas[0].pid)[1]
    peer = Agent(lab.pair("rescan", Wire, (tree.path, lab.place("nothing"))))
    replica = peer.replicas[0]
    with attempt(results, peer.name), ended(peer):
        seconds = timed(lambda: (replica.init().start(), replica.wait(3600)))
        results.heads.append(f"First scan with hashing: {seconds:.1f} s, index on disk "
                             f"{_index_bytes(replica.state) / MIB:.0f} MiB.")
        for _ in range(lab.runs):
            lab.warm(tree.path)
            note_walks(results, tree.path)
            with Span(peer.pair.link) as span:
                peer.look()
                span.stop_clock()
            span.sample.per_file = (span.sample.peak_bytes(0) - empty_bytes) / tree.files
            span.sample.note = f"{span.sample.per_file:.0f} B a file above an empty folder"
            note(results, peer.name, span.sample)


def _index_bytes(state):
    return sum(os.path.getsize(os.path.join(directory, name))
               for directory, _, names in os.walk(state) for name in names if b".db" in name)


def memory(lab, results):
    """After a start with everything known: peak and present memory, CPU while nothing happens."""
    kinds = taking_part(lab, (Agent, Syncthing))
    for files in (20_000, 200_000):
        part = f"{files:,} files"
        for peer in prepared(lab, results, kinds, lab.scaled(files, 20), SMALL):
            for _ in range(lab.runs):
                with attempt(results, peer.name), ended(peer):
                    peer.start()
                    peer.settled()
                    time.sleep(5)
                    with Span(peer.pair.link) as span:
                        time.sleep(IDLE_S)
                    sample = span.sample
                    sample.value = max(_present(side) for side in (peer.a, peer.b)) / MIB
                    sample.note = f"idle {max(sample.cpu) / sample.seconds:.5f} cores"
                    peer.stop()
                    note(results, peer.name, sample, part)
        tree, copy = lab.twins(lab.scaled(files, 20), SMALL)
        still_equal(lab, results, tree.path, copy)


def _present(side):
    found = [memory_of(pid) for pid in side.group.pids()]
    return sum(entry[2] for entry in found if entry and entry[0] not in ("sh", "nsenter"))
