"""What keeps two folders the same, each driven in the same way (base.py)."""

from peers.agent import Agent
from peers.lsyncd import Lsyncd
from peers.rsync import Rsync, RsyncCompressed, RsyncTls
from peers.syncthing import Syncthing, SyncthingDefault
from peers.unison import Unison

ALL = (Agent, Rsync, RsyncTls, RsyncCompressed, Unison, Syncthing, SyncthingDefault, Lsyncd)
