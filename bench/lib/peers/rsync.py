"""rsync by hand, against its daemon: plain, with compression, and through TLS."""

from peers.base import Peer, excluded

PORT, TLS_PORT, TUNNEL_PORT = 8730, 8731, 8732


class Rsync(Peer):
    name = "rsync"
    programs = ("rsync",)
    options = ()
    port = PORT
    target_host = None  # the other side

    def prepare(self, files):
        self.conf = self.write("rsyncd.conf", f"""use chroot = no
port = {PORT}
[root]
path = {self.pair.root_b}
read only = no
uid = 0
gid = 0
""")

    def start(self):
        self.daemon(self.b, "rsync", "--daemon", "--no-detach", "--config", self.conf,
                    listens=PORT)

    def look(self):
        host = self.target_host or self.b.host
        self.a.run("rsync", "-a", "--delete", *self.options, *excluded(), self.pair.root_a + "/",
                   f"rsync://{host}:{self.port}/root/")


class RsyncCompressed(Rsync):
    name = "rsync -z"
    options = ("-z",)


class RsyncTls(Rsync):
    name = "rsync, TLS"
    programs = ("rsync", "stunnel4", "openssl")
    port = TUNNEL_PORT
    target_host = "127.0.0.1"

    def prepare(self, files):
        super().prepare(files)
        key = self.pair.state("tls") + "/key.pem"
        self.b.run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                   "-subj", "/CN=b", "-keyout", key, "-out", key)
        common = "foreground = yes\npid =\nsyslog = no\nsocket = l:TCP_NODELAY=1\n" \
                 "socket = r:TCP_NODELAY=1\n"
        self.server = self.write("stunnel-b.conf", f"""{common}cert = {key}
[rsync]
accept = {self.b.host}:{TLS_PORT}
connect = 127.0.0.1:{PORT}
""")
        self.client = self.write("stunnel-a.conf", f"""{common}client = yes
[rsync]
accept = 127.0.0.1:{TUNNEL_PORT}
connect = {self.b.host}:{TLS_PORT}
CAfile = {key}
verifyPeer = yes
""")

    def start(self):
        super().start()
        self.daemon(self.b, "stunnel4", self.server, listens=TLS_PORT)
        self.daemon(self.a, "stunnel4", self.client, listens=TUNNEL_PORT)
