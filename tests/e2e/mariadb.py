"""Real MariaDB servers for tests: started here, replicating in a ring or a chain, ended here.

Each has its own data directory, a socket and a port on 127.0.0.1, and the smallest buffers that
work. Their data directories are copies of one that is made once per process (seconds). Nothing of
the machine's own configuration is read.

What a practice has: server-id, binary log with log-slave-updates, keys that interleave, MyISAM.
Rows come late with `delay()` (a stated time) or `hold_rows()` (until `release_rows()`).
"""

import atexit
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

try:
    import pymysql
except ImportError:  # this Python is not the system's, whose package it is (python3-pymysql)
    sys.path.append("/usr/lib/python3/dist-packages")
    import pymysql
from pymysql.constants import ER

from ports import free_port
from replica import DEADLINE_S, poll

PROJECT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TABLES = [os.path.join(PROJECT, "tests", "database", name)
          for name in ("opendental-subset.sql", "appointment.sql")]
GRANTS = os.path.join(PROJECT, "packaging", "opendental-grants.sql")
SEED_MARK = "SEED (part 2)"
KEPT_OF_SEED = ("preference", "definition", "replicationserver")  # what Open Dental starts with
READER, READER_PASSWORD = "atozsync", "reads only"
SMALL = ["--innodb-buffer-pool-size=16M", "--innodb-log-file-size=4M", "--key-buffer-size=8M",
         "--aria-pagecache-buffer-size=8M", "--performance-schema=OFF",
         "--innodb-flush-log-at-trx-commit=2", "--sync-binlog=0", "--max-connections=40",
         "--skip-name-resolve", "--sql-mode="]


def as_user():
    return ["--user=root"] if os.getuid() == 0 else []


def statements(text):
    """The statements of an SQL file: ends of lines are where they end."""
    lines = [re.sub(r"\s--\s.*$", "", line) for line in text.splitlines()
             if not line.startswith("--")]
    return [part for part in (p.strip() for p in re.split(r";[ \t]*\n", "\n".join(lines) + "\n"))
            if part]


def file_text(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def schema(engine, seeded):
    """The statements that make the database; `seeded` with all its awkward rows."""
    tables, seed = file_text(TABLES[0]).split(SEED_MARK)
    found = statements(tables.rsplit("\n", 1)[0])
    found += statements(seed.split("\n", 1)[1]) + statements(file_text(TABLES[1]))
    kept = tuple(f"INSERT INTO {name} " for name in KEPT_OF_SEED)
    return [s.replace("ENGINE=MyISAM", f"ENGINE={engine}") for s in found
            if seeded or not s.startswith("INSERT") or s.startswith(kept)]


def make_reader(cursor):
    """The agent's account, with the rights that are packaged."""
    for statement in statements(file_text(GRANTS)):
        try:
            cursor.execute(statement)
        except pymysql.err.MySQLError as error:  # as with --force
            if error.args[0] not in (ER.NO_SUCH_TABLE, ER.BAD_FIELD_ERROR):
                raise
    cursor.execute(f"SET PASSWORD FOR '{READER}'@'127.0.0.1' = PASSWORD('{READER_PASSWORD}')")


class Templates:
    """Data directories to be copied, one per engine and content, made when first asked for."""

    def __init__(self):
        self._home = tempfile.mkdtemp(prefix="atoz-mariadb-")
        atexit.register(shutil.rmtree, self._home, ignore_errors=True)
        self._made = {}

    def get(self, engine, seeded):
        key = f"{engine}-{'seeded' if seeded else 'empty'}"
        if key not in self._made:
            self._made[key] = self._make(os.path.join(self._home, key), engine, seeded)
        return self._made[key]

    def _make(self, home, engine, seeded):
        data = os.path.join(home, "data")
        os.makedirs(home)
        # Servers that share a directory for temporary tables remove each other's when they start.
        done = subprocess.run(["mariadb-install-db", "--no-defaults", f"--datadir={data}",
                               f"--tmpdir={home}", "--auth-root-authentication-method=normal",
                               "--skip-test-db", "--innodb-log-file-size=4M", *as_user()],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            shutil.rmtree(home)  # the next test tries again
            raise AssertionError(f"mariadb-install-db failed:\n{done.stdout}\n{done.stderr}")
        server = Server(home, data=data).start(logs=False)
        with server.connect(database=None) as connection, connection.cursor() as cursor:
            for statement in schema(engine, seeded):
                cursor.execute(statement)
            make_reader(cursor)
            cursor.execute("CREATE USER 'relay'@'127.0.0.1' IDENTIFIED BY 'relay'")
            cursor.execute("GRANT REPLICATION SLAVE ON *.* TO 'relay'@'127.0.0.1'")
        server.stop()
        return data


_templates = None


def template(engine, seeded):
    global _templates
    _templates = _templates or Templates()
    return _templates.get(engine, seeded)


class Server:
    """One server. `number` is its server-id and the offset of its keys, of `count` servers."""

    def __init__(self, home, number=1, count=1, engine="MyISAM", binlog_format="MIXED",
                 seeded=False, data=None):
        os.makedirs(home, exist_ok=True)
        self.home = os.fsdecode(home)
        self.number, self.count = number, count
        self.engine, self.binlog_format = engine, binlog_format
        self.data = data or os.path.join(self.home, "data")
        if data is None:
            shutil.copytree(template(engine, seeded), self.data)
        # The path of a socket has little room.
        self._run = tempfile.mkdtemp(prefix="atoz-db-")
        self.socket = os.path.join(self._run, "s")
        self.port = free_port()
        self.log_file = os.path.join(self.home, "mariadbd.out")
        self.process = None

    # --- life ---

    def start(self, logs=True):
        assert self.process is None
        command = ["mariadbd", "--no-defaults", f"--datadir={self.data}",
                   f"--socket={self.socket}", f"--port={self.port}", "--bind-address=127.0.0.1",
                   f"--pid-file={self._run}/pid", f"--tmpdir={self._run}", *SMALL, *as_user()]
        if logs:
            command += [
                f"--server-id={self.number}", "--log-bin=bin", "--relay-log=relay",
                "--log-slave-updates", "--replicate-do-db=opendental",
                "--relay-log-recovery", "--slave-net-timeout=5",
                f"--binlog-format={self.binlog_format}",
                f"--auto-increment-increment={self.count}",
                f"--auto-increment-offset={self.number}",
                # Two offices that delete the same row within the lag stop nothing.
                "--slave-exec-mode=IDEMPOTENT"]
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log)
        poll(self._answers, f"mariadbd {self.number} answers")
        return self

    def _answers(self):
        if self.process.poll() is not None:
            raise AssertionError(f"mariadbd {self.number} ended:\n{self.log()}")
        try:
            self.connect(database=None).close()
            return True
        except pymysql.err.OperationalError:
            return False

    def stop(self):
        self._end(signal.SIGTERM)

    def kill(self):
        """As in a crash – but between two rows of its master. The position up to which rows were
        applied is a file beside the tables: killed between the two, the server applies the last
        statement again, and its replication stands (a duplicate key) until a person helps."""
        self.run("STOP SLAVE SQL_THREAD", database=None)  # runs again with the next start
        self._end(signal.SIGKILL)

    def _end(self, with_signal):
        self.process.send_signal(with_signal)
        self.process.wait(DEADLINE_S)
        self.process = None

    def end(self):
        """Whatever happened: no process and no socket stays behind."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
        shutil.rmtree(self._run, ignore_errors=True)

    def log(self, lines_max=30):
        with open(self.log_file, encoding="utf-8", errors="replace") as file:
            return "".join(file.readlines()[-lines_max:])

    # --- questions ---

    def connect(self, database="opendental", **more):
        """A connection in autocommit, as Open Dental's are."""
        if "user" not in more:
            more.update(user="root", unix_socket=self.socket)
        else:
            more.update(host="127.0.0.1", port=self.port)
        return pymysql.connect(database=database, charset="utf8", autocommit=True,
                               sql_mode="", connect_timeout=10, **more)

    def run(self, statement, *values, database="opendental"):
        """The rows, as dictionaries."""
        with self.connect(database, cursorclass=pymysql.cursors.DictCursor) as connection, \
                connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            return list(cursor.fetchall())

    def url(self):
        """As the agent's configuration takes it."""
        return f"mariadb://{READER}@127.0.0.1:{self.port}/opendental"

    # --- replication ---

    def follow(self, master):
        """From where `master` is now."""
        at = master.run("SHOW MASTER STATUS", database=None)[0]
        self.run("CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_USER='relay',"
                 " MASTER_PASSWORD='relay', MASTER_PORT=%s, MASTER_LOG_FILE=%s, MASTER_LOG_POS=%s,"
                 " MASTER_CONNECT_RETRY=1, MASTER_USE_GTID=no, MASTER_HEARTBEAT_PERIOD=1",
                 master.port, at["File"], at["Position"], database=None)
        self.run("START SLAVE", database=None)
        self._wait_follows()

    def slave_status(self):
        found = self.run("SHOW SLAVE STATUS", database=None)
        return found[0] if found else None

    def follows(self):
        status = self.slave_status()
        return status["Slave_IO_Running"] == status["Slave_SQL_Running"] == "Yes"

    def _wait_follows(self):
        try:
            poll(self.follows, "both threads run")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.how_it_replicates()}") from None

    def delay(self, seconds):
        """Rows come `seconds` after they were written at their origin."""
        for statement in ("STOP SLAVE", f"CHANGE MASTER TO MASTER_DELAY={int(seconds)}",
                          "START SLAVE"):
            self.run(statement, database=None)
        self._wait_follows()

    def hold_rows(self):
        self.run("STOP SLAVE SQL_THREAD", database=None)

    def release_rows(self):
        self.run("START SLAVE SQL_THREAD", database=None)

    def has_all_of(self, master, timeout_s):
        """Whether it has within this time. A server that applies nothing is not waited for."""
        at = master.run("SHOW MASTER STATUS", database=None)[0]
        done = self.run("SELECT MASTER_POS_WAIT(%s, %s, %s) done", at["File"], at["Position"],
                        timeout_s, database=None)[0]["done"]
        return done is not None and done >= 0

    def stands(self):
        """The error that stopped the rows, if one did."""
        status = self.slave_status() if self.process else None
        return status["Last_SQL_Error"] if status else ""

    def how_it_replicates(self):
        """One line for the message of a failure."""
        if self.process is None:
            return f"server {self.number}: not running"
        try:
            status = self.slave_status()
        except pymysql.err.MySQLError as error:
            return f"server {self.number}: does not answer: {error}\n{self.log()}"
        if status is None:
            return f"server {self.number}: follows nobody"
        return (f"server {self.number}: receives: {status['Slave_IO_Running']}"
                f" ({status['Slave_IO_State']}), up to {status['Master_Log_File']}"
                f" {status['Read_Master_Log_Pos']}, error: {status['Last_IO_Error'] or 'none'};"
                f" applies: {status['Slave_SQL_Running']} ({status['Slave_SQL_Running_State']}),"
                f" up to {status['Relay_Master_Log_File']} {status['Exec_Master_Log_Pos']},"
                f" error: {status['Last_SQL_Error'] or 'none'}")


class Servers:
    """Several that replicate: in a ring, or in a chain whose first only gives."""

    def __init__(self, home, count=3, shape="ring", **more):
        self.all = []
        self.pairs = []  # who follows whom
        home = os.fsdecode(home)
        try:
            for number in range(1, count + 1):
                self.all.append(Server(os.path.join(home, f"db{number}"), number, count, **more))
            for server in self.all:
                server.start()
            if count > 1:
                first = [(self.all[0], self.all[-1])] if shape == "ring" else []
                self.pairs = first + list(zip(self.all[1:], self.all))
            for slave, master in self.pairs:
                slave.follow(master)
        except BaseException:
            self.end()
            raise

    def __getitem__(self, index):
        return self.all[index]

    def delay(self, seconds):
        for slave, _ in self.pairs:
            slave.delay(seconds)

    def wait(self, condition, what, deadline_s=DEADLINE_S):
        """Until rows came. Where they do not, the message says how every server stands."""
        def over():
            return condition() or any(server.stands() for server in self.all)

        try:
            poll(over, what, deadline_s)
        except AssertionError:
            pass
        if not condition():
            raise AssertionError(f"not within {deadline_s} s, or never: {what}\n{self.how()}")

    def how(self):
        return "\n".join(server.how_it_replicates() for server in self.all)

    def wait_replicated(self, timeout_s=DEADLINE_S):
        """Until every row that is written now is everywhere: each change passes all the others."""
        end = time.monotonic() + timeout_s
        for _ in self.all[1:]:
            for slave, master in self.pairs:
                if not slave.has_all_of(master, max(1, int(end - time.monotonic()))):
                    raise AssertionError(f"server {slave.number} did not get all rows of "
                                         f"{master.number} within {timeout_s} s, or its "
                                         f"replication stands\n{self.how()}")

    def end(self):
        for server in self.all:
            server.end()
