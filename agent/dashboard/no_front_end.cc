// In place of the front end, where it was not built: one page that says so.
#include "web/files.h"

namespace atozsync {

namespace {

constexpr WebFile kFiles[] = {
    {"/index.html", "text/html; charset=utf-8",
     "<!DOCTYPE html>\n<html lang=\"en\"><head><meta "
     "charset=\"utf-8\"><title>atozsync</title></head>"
     "<body><p>This build of atozsync has no front end. The requests below /v1/ work.</p></body>"
     "</html>\n",
     "\"none\"", false}};

}  // namespace

std::span<const WebFile> WebFiles() {
  return kFiles;
}

}  // namespace atozsync
