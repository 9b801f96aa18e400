#include "sync/base/row_source.h"

namespace atozsync {

const char* RowsWordName(RowsWord word) {
  switch (word) {
    case RowsWord::kOff: return "off";
    case RowsWord::kConnecting: return "connecting";
    case RowsWord::kConnected: return "connected";
    case RowsWord::kUnreachable: return "unreachable";
    case RowsWord::kRefused: return "refused";
    case RowsWord::kForbidden: return "forbidden";
    case RowsWord::kSlow: return "slow";
    case RowsWord::kNoRows: return "not-open-dental";
  }
  return "unknown";
}

}  // namespace atozsync
