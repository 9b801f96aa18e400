"""A first sync: one side has everything, the other nothing; paired, but never run over these files.

The clock runs from the start of the agents (or of the command) until the last file stands on the
other side and the program says so. The looking through the source is part of it.
"""

from cases.common import attempt, ended, note, taking_part
from cases.limits import COPIES, copy_seconds
from measure import Sample, Span
from sides import Wire


def run(lab, results, files, shape, peers, kind=Wire, copies=True):
    tree = lab.source(lab.scaled(files, 20), shape)
    link = lab.link(kind)
    results.heads.append(f"{tree.files:,} files, {tree.bytes / 1e6:,.1f} MB; {link.words}.")
    taking = taking_part(lab, peers)
    for _ in range(lab.runs):
        for words, sync in COPIES if copies else ():
            if lab.wanted(words):
                with attempt(results, words):
                    seconds = copy_seconds(lab, tree, sync)
                    note(results, words, Sample(value=seconds, seconds=seconds), limit=True)
        for peer in taking:
            with attempt(results, peer.name):
                _one(lab, results, tree, peer, kind)


def _one(lab, results, tree, kind_of_peer, kind):
    pair = lab.pair(kind_of_peer.name, kind)
    peer = kind_of_peer(pair)
    with ended(peer):
        peer.prepare(0)
        lab.move_content(tree.path, pair.root_a)
        try:
            lab.warm(pair.root_a, size=tree.bytes)
            peer.stand_by()
            with Span(pair.link) as span:
                peer.first(tree.files)
                span.stop_clock()
            peer.stop()
            lab.compare(pair.root_a, pair.root_b)
            note(results, peer.name, span.sample)
        finally:
            peer.end()
            lab.move_content(pair.root_a, tree.path)
            lab.discard(pair.root_b)
