#include "agent/control_routes.h"

#include <algorithm>

namespace atozsync {

namespace {

constexpr auto kLines = Route::Answer::kLines;
constexpr auto kOnce = Route::Answer::kOnce;
constexpr auto kSocket = Route::Where::kSocket;
constexpr auto kDashboard = Route::Where::kDashboard;

// Of two that fit, the first holds.
constexpr Route kRoutes[] = {
    {"GET", "/v1/status"},
    {"GET", "/v1/overview"},
    {"GET", "/v1/traffic"},
    {"GET", "/v1/metrics"},
    {"GET", "/v1/events", Route::Answer::kEvents},
    {"GET", "/v1/settled"},
    {"POST", "/v1/pause"},
    {"POST", "/v1/resume"},
    {"POST", "/v1/reload", kOnce, kSocket},
    {"POST", "/v1/resync", kLines},
    {"POST", "/v1/verify-db", kLines},
    {"GET", "/v1/conflicts"},
    {"POST", "/v1/conflicts/query"},
    {"POST", "/v1/conflicts/preview"},
    {"POST", "/v1/conflicts/resolve"},
    {"GET", "/v1/conflicts/{id}"},
    {"GET", "/v1/conflicts/{id}/content/{side}"},
    {"POST", "/v1/conflicts/{id}/resolve"},
    {"POST", "/v1/undo"},
    {"GET", "/v1/export/conflicts.csv"},
    {"GET", "/v1/export/conflicts.html"},
    {"GET", "/v1/held"},
    {"GET", "/v1/held/{limit}"},
    {"POST", "/v1/held/release"},
    {"POST", "/v1/held/revert"},
    {"POST", "/v1/search"},
    {"POST", "/v1/explain"},
    {"POST", "/v1/history"},
    {"POST", "/v1/restore"},
    {"POST", "/v1/version-content"},
    {"POST", "/v1/version-file", kOnce, kSocket},
    {"GET", "/v1/peers"},
    {"POST", "/v1/peers", kOnce, kSocket},
    {"POST", "/v1/peers/remove", kOnce, kSocket},
    {"POST", "/v1/join", kOnce, kSocket},
    {"POST", "/v1/ui-token", kOnce, kSocket},
    {"GET", "/v1/session", kOnce, kDashboard},
    {"POST", "/v1/session", kOnce, kDashboard},
    {"DELETE", "/v1/session", kOnce, kDashboard},
};

bool Fits(const Route& route, const std::vector<std::string>& parts) {
  const std::vector<std::string> wanted = PathParts(route.path);
  if (wanted.size() != parts.size() + 1) return false;  // "v1"
  return std::equal(parts.begin(), parts.end(), wanted.begin() + 1,
                    [](const std::string& given, const std::string& pattern) {
                      return pattern.front() == '{' || pattern == given;
                    });
}

}  // namespace

std::span<const Route> Routes() {
  return kRoutes;
}

std::vector<std::string> PathParts(std::string_view path) {
  std::vector<std::string> parts;
  for (size_t start = 0; start < path.size();) {
    size_t slash = std::min(path.find('/', start), path.size());
    if (slash > start) parts.emplace_back(path.substr(start, slash - start));
    start = slash + 1;
  }
  return parts;
}

const Route* FindRoute(std::string_view method, const std::vector<std::string>& parts) {
  for (const Route& route : kRoutes) {
    if (route.method == method && Fits(route, parts)) return &route;
  }
  return nullptr;
}

bool IsRoutePath(const std::vector<std::string>& parts) {
  return std::any_of(std::begin(kRoutes), std::end(kRoutes),
                     [&](const Route& route) { return Fits(route, parts); });
}

}  // namespace atozsync
