#include <fmt/format.h>

#include "agent/config.h"
#include "agent/config_edit.h"

namespace atozsync {

namespace {

constexpr const char* kTemplate =
    R"(# Configuration of this replica. Edit it, then restart the agent
# or send it SIGHUP. A line that begins with # is a comment.

[replica]
# How this site is called in reports, here and on the other replicas.
name = {name}
# The A to Z folder (Open Dental: Setup, Data Paths). An absolute path.
root = {root}
# What is not synchronized, in addition to the built-in list: patterns as in a .gitignore file.
# "!Plugins/" takes one of that list back: program code is not carried otherwise.
ignore = []

[network]
# Address and port of this machine inside the practice's VPN, where other replicas reach it.
# A public or wildcard address is refused …
listen = {listen}
# … unless this says otherwise. Think twice: nobody outside needs to see this port.
allow_public = {allow_public}
# How fast this replica sends, to all others together: "unlimited", or like "20 Mbit/s", "500 kB/s".
upload_limit = "unlimited"
# Another limit at some hours of the week, in this machine's local time. Of several blocks the first
# that holds counts. days: all when left out. A block may pass midnight (from "22:00" to "06:00").
#[[network.schedule]]
#days = ["mon", "tue", "wed", "thu", "fri"]
#from = "08:00"
#to = "18:00"
#upload_limit = "2 Mbit/s"

[versions]
# How long replaced and deleted files are kept (below .atozsync/ in the folder).
keep_days = 90

[scan]
# How often the whole folder is looked through, beside watching it.
interval = "1h"
# A file that a program does not close is taken when it has been unchanged this long.
settle = "1s"

[brake]
# When more than this share of all files is deleted here within the window, or rewritten into
# something that is not what its name says, the other replicas are not told before a person decides
# ("atozsync held"). "off": no brake.
share = "5%"
window = "1h"
# So many may always go: in a small folder the share would be a file or two.
files = 100

[log]
# The log may name patients (folder and file names). Only this user can read it; that of a service
# lies in the system's journal, which root and the group adm read.
# level: debug, info, warning or error. redact = true leaves out what looks like a name.
level = "info"
redact = false

{dashboard}
# Who is told when something begins to need a person: a conflict, a peer that is silent, a full
# disk, a database that does not answer. A program gets one line of JSON on its standard input, an
# address gets it as a POST: on this machine or inside the VPN only. docs/dashboard.md has both.
#[alert]
#command = ["/usr/bin/logger", "-t", "atozsync"]
#url = "http://10.8.0.9:8080/alerts"
# A peer that was not seen so long needs a person.
#silent = "1h"
# Paths and names, too: they can be patients'.
#details = false

# The practice's database on this machine, read and never written: a patient's file appears when
# its row does, and goes when its row goes. docs/database.md has the steps; "atozsync doctor"
# checks them. Without this section every file appears at once.
{database}
# The other replicas follow, one [[peer]] block each. "atozsync join" and "atozsync peers" write
# them; they may be edited by hand.
)";

std::string DatabaseSection(const DatabaseConfig& database) {
  const bool on = database.configured();
  const std::string mark = on ? "" : "#";
  const std::string url = on ? database.url : "mariadb://atozsync@127.0.0.1:3306/opendental";
  const std::string file = !on ? "/etc/atozsync/db-password" : database.password_file;
  std::string text = mark + "[database]\n" + mark + "url = " + TomlText(url) + "\n";
  text += "# A file that holds the password and nothing else, readable by the agent's user only.\n";
  text += (file.empty() ? "#" : mark) +
          "password_file = " + TomlText(file.empty() ? "/etc/atozsync/db-password" : file) + "\n";
  text += "# A patient's file whose row does not come appears after this time anyway.\n";
  text += mark + "gate_wait = \"1h\"\n";
  text += "# Of single folders at the top: gate_wait_of = { S = \"10m\" }\n";
  text +=
      "# A file that goes while its row stays this long was lost, not deleted: it comes back.\n";
  return text + mark + "vanish_wait = \"10s\"\n";
}

std::string DashboardSection(const std::string& listen) {
  const std::string mark = listen.empty() ? "#" : "";
  std::string text =
      "# The dashboard in a browser of this machine: \"atozsync ui\" opens it. On loopback only.\n";
  text += mark + "[dashboard]\n" + mark +
          "listen = " + TomlText(listen.empty() ? "127.0.0.1:22068" : listen) + "\n";
  text += "# How often the way through all replicas is measured, with a small file in the folder\n";
  text += "# \"AtoZSync check\" beside the patients' letters. \"off\", or like \"1h\".\n";
  text += mark + "canary = \"off\"\n";
  text += "# Numbers for Prometheus at /metrics, for every program of this machine.\n";
  return text + mark + "metrics = false\n";
}

}  // namespace

std::string NewConfigText(const std::string& name, const std::string& root,
                          const std::vector<std::string>& listen, bool allow_public,
                          const std::string& dashboard, const DatabaseConfig& database) {
  return fmt::format(kTemplate, fmt::arg("name", TomlText(name)), fmt::arg("root", TomlText(root)),
                     fmt::arg("listen", TomlTexts(listen)), fmt::arg("allow_public", allow_public),
                     fmt::arg("dashboard", DashboardSection(dashboard)),
                     fmt::arg("database", DatabaseSection(database)));
}

}  // namespace atozsync
