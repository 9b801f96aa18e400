// Seeds of what the kernel, the disk and people say.
#include <sys/inotify.h>

#include <algorithm>
#include <string>
#include <vector>

#include "agent/config.h"
#include "agent/config_edit.h"
#include "agent/invitation.h"
#include "sync/index/codec.h"
#include "tests/fuzz/seeds.h"
#include "tests/unit/protocol/message_samples.h"

namespace atozsync {
namespace {

ReplicaId IdOf(uint8_t byte) {
  ReplicaId id;
  id.bytes.fill(byte);
  return id;
}

// As the kernel writes it: names are padded with NULs to a multiple of the header's size.
void AppendEvent(Bytes& out, int wd, uint32_t mask, uint32_t cookie, const std::string& name) {
  constexpr size_t kHeader = sizeof(struct inotify_event);
  struct inotify_event header = {};
  header.wd = wd;
  header.mask = mask;
  header.cookie = cookie;
  header.len = static_cast<uint32_t>(name.empty() ? 0 : (name.size() / kHeader + 1) * kHeader);
  const auto* raw = reinterpret_cast<const uint8_t*>(&header);
  out.insert(out.end(), raw, raw + kHeader);
  const size_t at = out.size();
  out.resize(at + header.len);
  std::copy(name.begin(), name.end(), out.begin() + static_cast<ptrdiff_t>(at));
}

// The watches are those of inotify_fuzzer.cc: 1 is the root, 3 a patient's folder.
void AddInotify(Seeds& seeds) {
  Bytes saved;
  AppendEvent(saved, 3, IN_CREATE, 0, "tooth 3.jpg");
  AppendEvent(saved, 3, IN_MODIFY, 0, "tooth 3.jpg");
  AppendEvent(saved, 3, IN_CLOSE_WRITE, 0, "tooth 3.jpg");
  AppendEvent(saved, 3, IN_ATTRIB, 0, "tooth 3.jpg");
  seeds["inotify/seed-file-saved"] = saved;

  Bytes moved;
  AppendEvent(moved, 2, IN_MOVED_FROM | IN_ISDIR, 77, "AdamsJohn12");
  AppendEvent(moved, 5, IN_MOVED_TO | IN_ISDIR, 77, "AdamsJohn12");
  AppendEvent(moved, 3, IN_MOVE_SELF, 0, "");
  AppendEvent(moved, 4, IN_CLOSE_WRITE, 0, "x.png");
  seeds["inotify/seed-folder-moved"] = moved;

  Bytes gone;
  AppendEvent(gone, 4, IN_DELETE_SELF, 0, "");
  AppendEvent(gone, 4, IN_IGNORED, 0, "");
  AppendEvent(gone, 3, IN_DELETE | IN_ISDIR, 0, "old");
  AppendEvent(gone, 1, IN_CREATE | IN_ISDIR, 0, "C");
  AppendEvent(gone, 1, IN_CLOSE_WRITE, 0, ".atozsync");
  seeds["inotify/seed-folder-deleted"] = gone;

  Bytes lost;
  AppendEvent(lost, -1, IN_Q_OVERFLOW, 0, "");
  AppendEvent(lost, 1, IN_UNMOUNT, 0, "");
  AppendEvent(lost, 99, IN_MODIFY, 0, "of nobody");
  seeds["inotify/seed-events-lost"] = lost;
}

// As index_codec_fuzzer.cc reads them.
void AddIndexBlobs(Seeds& seeds) {
  const FileVersion file = protocol::SampleVersion();
  FileVersion deleted = file;
  deleted.kind = VersionKind::kTombstone;
  deleted.vector = deleted.vector.With(MakeAuthorId(IdOf(0x33), 1), 1);
  deleted.known_by = {0x11111111, 0x33333333};
  deleted.complete_by = {0x33333333};

  Bytes two = {0};
  AppendPiece(two, EncodeVersion(file));
  Append(two, EncodeVersion(deleted));
  seeds["index_codec/seed-two-versions"] = two;

  Bytes history = {1, static_cast<uint8_t>(deleted.kind), 0, 0, 0, 0, 0, 0, 0, 9};
  EncodeHistory(deleted, history);
  seeds["index_codec/seed-history"] = history;

  Bytes stamp = {2};
  Append(stamp, EncodeStamp({48'213, 1'764'000'000'000'000'000, -1, 77}));
  seeds["index_codec/seed-stamp"] = stamp;

  Intent intent;
  intent.staged_stamp = {48'213, 1, 2, 3};
  intent.row.path = RelPath::Trusted("A/AdamsJohn12/tooth 3.jpg");
  intent.row.version = file;
  intent.row.reason = "take: newer";
  Bytes plan = {3};
  Append(plan, EncodeIntentPlan(intent));
  seeds["index_codec/seed-intent"] = plan;
}

void AddConfig(Seeds& seeds) {
  const std::string plain = NewConfigText("north-office", "/srv/OpenDentImages", {"10.8.0.2:22067"},
                                          false, "127.0.0.1:22068");
  AddText(seeds, "config/seed-template", plain);
  std::string peers = "[replica]\nname = \"n\"\nroot = \"/r\"\n";
  peers = WithPeer(peers, {IdOf(0x11), "main office", {"10.8.0.1:22067", "[fd00::1]:22067"}});
  peers = WithPeer(peers, {IdOf(0x22), "south", {}}) + "# the last one\n";
  AddText(seeds, "config/seed-peers", peers);
  AddText(
      seeds, "config/seed-every-key",
      "[replica]\nname = 'x'\nroot = '''/r'''\nignore = [\"*.bak\", \"!a\",\n \"/b/\" ]\n"
      "[network]\nlisten = [ \"[::1]:1\" ]\nallow_public = true\nupload_limit = \"1.5 Mbit/s\"\n"
      "[[network.schedule]]\ndays = [\"mon\", \"sun\"]\nfrom = \"22:00\"\nto = \"06:30\"\n"
      "upload_limit = \"unlimited\"\n"
      "[versions]\nkeep_days = 0x1E\n[scan]\ninterval = \"10 min\"\nsettle = \"500ms\"\n"
      "[log]\nfile = \"/var/log/a\"\nlevel = \"debug\"\nredact = true\n"
      "[dashboard]\nlisten = \"localhost:8080\"\ncanary = \"2h\"\nmetrics = true\n"
      "[alert]\ncommand = [\"/bin/a\", \"b\"]\nurl = \"http://10.8.0.9:81/x?y\"\n"
      "silent = \"2h\"\ndetails = true\n"
      "[database]\nurl = \"mysql://u@[::1]:3307/od\"\npassword_file = \"/p\"\n"
      "gate_wait = \"4h\"\nvanish_wait = \"100ms\"\n"
      "[[peer]]\nid = \"" +
          IdOf(7).ToString() + "\"\nname = \"p\"\naddresses = [\n\"h:1\",\n]\n");
  for (const uint8_t second : {uint8_t{0x11}, uint8_t{0x22}}) {
    std::string twice = "[replica]\nname = \"n\"\nroot = \"/r\"\n";
    twice = WithPeer(twice, {IdOf(0x11), "a", {}});
    twice = WithPeer(twice, {IdOf(second), second == 0x11 ? "b" : "a", {}});
    AddText(seeds, second == 0x11 ? "config/seed-id-twice" : "config/seed-name-twice", twice);
  }
  AddText(seeds, "config/seed-wrong",
          "[replica]\nname = \"n\"\nroot = \"r\"\n[database]\nurl = 1\n\"odd key\" = 1e9\n");
}

void AddDashboard(Seeds& seeds) {
  AddText(seeds, "dashboard/seed-head",
          "127.0.0.1:22068\nhttp://localhost:22068\na=b; atozsync_session=0123456789abcdef; c=d\n"
          "application/json; charset=utf-8\n/v1/conflicts/0123/content/winner");
  AddText(seeds, "dashboard/seed-url", "http://[fd00::2]:8080/alerts?to=somebody");
  AddText(seeds, "dashboard/seed-time", "2026-11-23T10:00:00Z");
  AddText(
      seeds, "dashboard/seed-query",
      "{\"state\": \"open\", \"kind\": \"late-write\", \"office\": \"north\", \"text\": \"x\", "
      "\"from\": \"2026-11-23T10:00:00Z\", \"to\": \"\", \"sort\": \"path\", \"descending\": true, "
      "\"offset\": 5, \"limit\": 10}");
  AddText(seeds, "dashboard/seed-decisions",
          "{\"decisions\": [{\"id\": \"00112233445566778899aabbccddeeff\", \"keep\": \"both\"}]}");
  AddText(seeds, "dashboard/seed-traffic",
          "[{\"t_ms\": 1799999700000, \"received_bytes\": 5, \"sent_bytes\": 6, "
          "\"waiting_files\": 7}]");
  AddText(seeds, "dashboard/seed-picture", "\xFF\xD8\xFF\xE0");
  AddText(seeds, "dashboard/seed-page", "<!DOCTYPE html><script>alert(1)</script>");
}

void AddPractice(Seeds& seeds) {
  const std::string head = "<?xml version=\"1.0\"?>\n<ConnectionSettings>";
  AddText(seeds, "practice/seed-direct",
          head +
              "<DatabaseConnection><ComputerName>SERVER1:3307</ComputerName><Database>opendental"
              "</Database><User>root</User></DatabaseConnection><DatabaseType>MySql</DatabaseType>"
              "</ConnectionSettings>");
  AddText(seeds, "practice/seed-number",
          "<!DOCTYPE a [<!ENTITY b \"c\">]><ConnectionSettings><DatabaseConnection><ComputerName>"
          "[fd00::2]:3306</ComputerName><Database><![CDATA[o-d]]></Database>"
          "</DatabaseConnection></ConnectionSettings>");
  AddText(seeds, "practice/seed-middle-tier",
          head +
              "<ServerConnection><URI>http://a&amp;b</URI></ServerConnection>"
              "</ConnectionSettings>");
  AddText(seeds, "practice/seed-grant",
          "GRANT SELECT (`a`, `b``c`), SLAVE MONITOR ON `open\\_dental`.`document` TO 'a'@'%' "
          "IDENTIFIED BY PASSWORD '*00' WITH GRANT OPTION");
  AddText(seeds, "practice/seed-grants-file",
          "-- ;\nGRANT SELECT (a,\n b) -- c\n ON d.e TO f;\nGRANT `r`, s TO 'a';");
  AddText(seeds, "practice/seed-share", "\\\\S\\A\\x\\.\\y/z");
  AddText(seeds, "practice/seed-paths", "\\\\S\\b\\..\\c; /x ;;D:\\y");
}

void AddDatabaseUrl(Seeds& seeds) {
  AddText(seeds, "database_url/seed-server", "mariadb://atozsync@127.0.0.1:3307/opendental");
  AddText(seeds, "database_url/seed-name", "mysql://a%40b@db.office.example/d%C3%A9");
  AddText(seeds, "database_url/seed-number", "mariadb://a@[fd00::2]:3306/od?tls=off");
  AddText(seeds, "database_url/seed-socket",
          "mariadb://a@localhost/od?socket=/run/mysqld/mysqld.sock");
  AddText(seeds, "database_url/seed-tls", "mariadb://a@10.8.0.1/od?tls=required&ca=/etc/ca%20.pem");
  AddText(seeds, "database_url/seed-password", "mariadb://a:b@h/od");
}

void AddIgnore(Seeds& seeds) {
  const auto add = [&](const char* name, std::vector<std::string> patterns, const char* path) {
    Bytes input = {static_cast<uint8_t>(patterns.size())};
    for (const std::string& pattern : patterns) AppendText(input, pattern);
    Append(input, AsBytes(path));
    seeds[std::string("ignore/seed-") + name] = input;
  };
  add("names", {"*.bak", "!keep.bak", "[a-c]?[!x]/"}, "A/keep.bak");
  add("deep", {"/A/**/old/*", "**/x", "a**b**c", "**/"}, "A/AdamsJohn12/old/x");
  add("own", {"!.atozsync", "!/.atozsync/**"}, ".atozsync/staging/1");
  add("built-in", {}, "S/SmithJohn12/Thumbnails/100.jpg");
  add("classes", {"[]a]", "[a", "[^/]", "[a-]"}, "]/a");
}

void AddWords(Seeds& seeds) {
  int number = 0;
  for (const char* text :
       {"10.8.0.2:22067",     "[fd00::2]:22067", "[fe80::1%eth0]:1", "office:0",
        "::ffff:10.0.0.1",    "100.64.0.1",      "localhost:65535",  "172.31.255.255:9",
        "172.32.0.0:1",       "172.15.0.1:1",    "11.0.0.1:1",       "9.255.0.1:1",
        "192.169.0.1:1",      "169.255.0.1:1",   "100.128.0.1:1",    "100.63.0.1:1",
        "126.0.0.1:1",        "[fbff::1]:1",     "[fe7f::1]:1",      "[fec0::1]:1",
        "[::ffff:8.8.8.8]:1", "0.0.0.1:1"}) {
    AddText(seeds, "address/seed-" + std::to_string(++number), text);
  }
  Invitation invitation;
  invitation.inviter = IdOf(0x11);
  invitation.secret.fill(0x5A);
  invitation.expires_ms = 1'764'000'000'000;
  invitation.addresses = {"10.8.0.1:22067", "main-office:22067"};
  AddText(seeds, "invitation/seed-token", EncodeInvitation(invitation));
  Bytes inside = {1, 0, 0, 1, 0x9A, 0xB0, 0, 0, 0};
  inside.resize(61, 0x5A);
  Append(inside, Bytes{2, 3, 'a', ':', '1', 0});
  seeds["invitation/seed-inside"] = inside;
  inside.push_back(0);
  seeds["invitation/seed-inside-and-more"] = inside;
  AddText(seeds, "invitation/seed-cut-off", EncodeInvitation(invitation).substr(0, 60));
  AddText(seeds, "values/seed-id", IdOf(0x3C).ToString());
  AddText(seeds, "values/seed-hash", (ContentHash{1, 0xFEDCBA9876543210}).ToHex());
  AddText(seeds, "values/seed-duration", "10 min");
  AddText(seeds, "values/seed-days", "3660d");
}

void AddControl(Seeds& seeds) {
  const std::string id = IdOf(0x11).ToString();
  AddText(
      seeds, "control/seed-resync",
      R"({"paths": [{"path": "A/x.jpg"}, {"path_raw": "412FFF"}], "verify": true, "peer": "b"})");
  AddText(seeds, "control/seed-path", R"({"path": "/srv/OpenDentImages/./A//b/", "version": "x"})");
  AddText(seeds, "control/seed-peer",
          R"({"id": ")" + id + R"(", "name": "b", "addresses": ["10.8.0.1:22067", 7]})");
  AddText(seeds, "control/seed-join",
          R"({"secret": "00FF", "authority": "theirs", "members": [{"id": ")" + id +
              R"(", "stamp": 5, "removed": true}]})");
  AddText(seeds, "control/seed-odd",
          R"({"paths": {"a": [null, -1, 1e308, "\ud83e\uddb7\n"]}, "peer": [[[{}]]], "path": 7})");
}

}  // namespace

void AddLocalSeeds(Seeds& seeds) {
  AddInotify(seeds);
  AddIndexBlobs(seeds);
  AddConfig(seeds);
  AddDashboard(seeds);
  AddPractice(seeds);
  AddDatabaseUrl(seeds);
  AddIgnore(seeds);
  AddWords(seeds);
  AddControl(seeds);
}

}  // namespace atozsync
