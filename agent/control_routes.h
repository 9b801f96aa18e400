// Every request of the control API: one table that both servers, the agent and the tests of
// docs/openapi.yaml go by.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace atozsync {

struct Route {
  enum class Answer { kOnce, kLines, kEvents };  // kLines: one JSON each; kEvents: until closed
  enum class Where { kBoth, kSocket, kDashboard };

  std::string_view method;
  std::string_view path;  // "/v1/conflicts/{id}/resolve"
  Answer answer = Answer::kOnce;
  Where where = Where::kBoth;
};

std::span<const Route> Routes();

// "/v1/a//b" → {"v1", "a", "b"}.
std::vector<std::string> PathParts(std::string_view path);
// `parts` without "v1". Null: there is no such request.
const Route* FindRoute(std::string_view method, const std::vector<std::string>& parts);
// Is it there with another method?
bool IsRoutePath(const std::vector<std::string>& parts);

}  // namespace atozsync
