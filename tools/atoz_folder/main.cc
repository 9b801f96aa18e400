// atozsync-generate: makes a folder like those of real practices.
#include <CLI/CLI.hpp>
#include <iostream>

#include "tools/atoz_folder/folder_writer.h"

int main(int argc, char** argv) {
  atozsync::GenerateOptions options;
  CLI::App app{
      "Makes a folder like Open Dental's A to Z folder: patients, documents, attachments, with\n"
      "plausible names, sizes, times and contents. The same options make the same folder."};
  app.name("atozsync-generate");
  app.option_defaults()->always_capture_default();
  app.add_option("--out", options.out, "directory to fill; made if it is not there")->required();
  app.add_option("--files", options.plan.files,
                 "number of files; thumbnails and Thumbs.db, which are not synchronized, come on "
                 "top");
  app.add_option("--seed", options.plan.seed, "another number makes another folder");
  app.add_option("--bytes-per-file-mean", options.plan.bytes_per_file_mean,
                 "mean size; all sizes are scaled to it")
      ->check(CLI::Range(1, 100'000'000));
  app.add_flag("--small", options.plan.small,
               "documents of 1 KiB only, ten in each patient's folder, nothing else");
  app.add_flag("--force", options.force, "write into a directory that is not empty");
  CLI11_PARSE(app, argc, argv);

  atozsync::Result<atozsync::GenerateSummary> made = atozsync::GenerateFolder(options);
  if (!made.ok()) {
    std::cerr << "atozsync-generate: " << made.status().ToString() << "\n";
    return 1;
  }
  std::cout << made->files << " files, " << made->bytes << " bytes, " << made->folders
            << " folders, and " << made->extras << " files that are not synchronized\n";
  return 0;
}
