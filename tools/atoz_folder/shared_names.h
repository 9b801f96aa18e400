// Names of the files that lie outside patients' folders.
#pragma once

#include <cstdint>
#include <string>

#include "tools/atoz_folder/content_stream.h"
#include "tools/atoz_folder/seeded_random.h"

namespace atozsync {

struct SharedName {
  std::string path;
  ContentKind kind = ContentKind::kPdf;
  bool sent = false;  // an outgoing attachment: often a copy of a document
};

// Numbers every kind by itself, so that no name comes twice. Not thread-safe.
class SharedNames {
 public:
  SharedName Next(int64_t mtime_ns, SeededRandom& random);

 private:
  SharedName Attachment(int64_t mtime_ns, SeededRandom& random);
  SharedName ByHand(SeededRandom& random);

  uint64_t eob_number_ = 0;
  uint64_t amendment_number_ = 0;
  uint64_t attachment_number_ = 0;
  uint64_t by_hand_number_ = 0;
};

// "jpg", "pdf" …, without the dot.
std::string ExtensionOf(ContentKind kind);
// "20190311" and "20190311_154501", UTC.
std::string DateText(int64_t mtime_ns);
std::string DateTimeText(int64_t mtime_ns);
// Four letters or digits.
std::string FourRandom(SeededRandom& random);

}  // namespace atozsync
