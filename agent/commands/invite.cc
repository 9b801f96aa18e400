#include <fmt/core.h>

#include <memory>

#include "agent/commands/command.h"
#include "agent/config.h"
#include "agent/duration.h"
#include "agent/format.h"
#include "agent/invitation_store.h"
#include "agent/own_addresses.h"
#include "protocol/identity.h"
#include "sync/os/os_clock.h"
#include "sync/os/os_random.h"

namespace atozsync {

namespace {

constexpr int64_t kExpiresMaxMs = int64_t{30} * 86'400'000;

Result<Invitation> MakeInvitation(const StateDir& state, const std::string& expires) {
  TRY(CheckInitialized(state));
  ASSIGN_OR_RETURN(int64_t expires_in_ms, ParseDuration(expires));
  if (expires_in_ms < 1000 || expires_in_ms > kExpiresMaxMs) {
    return Status(Errc::kInvalid, "--expires: between one second and 30 days");
  }
  ASSIGN_OR_RETURN(Config config, LoadConfig(state.ConfigFile()));
  ASSIGN_OR_RETURN(protocol::Identity identity, protocol::LoadIdentity(state.path()));
  Invitation invitation;
  invitation.inviter = identity.id;
  invitation.expires_ms = SystemWallMs() + expires_in_ms;
  invitation.addresses = OwnAddresses(state, config);
  if (invitation.addresses.size() > Invitation::kAddressesMax) {
    invitation.addresses.resize(Invitation::kAddressesMax);
  }
  if (invitation.addresses.empty()) {
    return Status(Errc::kInvalid,
                  "this replica has no address that another one could reach: set [network] listen "
                  "in " +
                      state.ConfigFile() +
                      " to its address in the VPN, with a port, and "
                      "start the agent");
  }
  OsRandom random;
  random.Fill(invitation.secret);
  TRY(InvitationStore(state.InvitationDir())
          .Add(invitation.secret, invitation.expires_ms, SystemWallMs()));
  return invitation;
}

int Invite(const StateDir& state, const std::string& expires, bool json) {
  Result<Invitation> invitation = MakeInvitation(state, expires);
  if (!invitation.ok()) return Fail(invitation.status());
  std::string token = EncodeInvitation(*invitation);
  if (json) {
    PrintJson({{"token", token},
               {"expires", UtcTime(invitation->expires_ms)},
               {"addresses", invitation->addresses}});
  } else {
    fmt::print("{}\n", token);
  }
  if (!ControlClient(state).AgentIsRunning()) {
    fmt::print(stderr,
               "Note: the agent is not running here: start it before the other side "
               "joins.\n");
  }
  return kDone;
}

}  // namespace

void AddInvite(CLI::App& app, CommandLine& line) {
  struct Options {
    std::string expires = "1h";
    bool json = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = AddCommand(app, "invite", "Print a one-time invitation for another replica");
  command->add_option("--expires", options->expires, "How long it can be used (default: 1h)");
  command->add_flag("--json", options->json, "As JSON");
  command->callback([&line, options] {
    line.run = [options](const StateDir& state) {
      return Invite(state, options->expires, options->json);
    };
  });
}

}  // namespace atozsync
