#include "cli/cp_option_table.hpp"
#include "cli/pages.hpp"

namespace ringway::cli {
namespace {

std::vector<page_section> sections() {
    return {
        {"METHODS",
         {"auto shares the blocks where the file system can, lets a file server copy by itself "
          "(NFS, SMB, Ceph), and else reads and writes through a buffer that stays in the "
          "processor's cache; two parts of a large file at the same time.",
          "reflink shares the blocks (FICLONE), copy_file_range, sendfile and splice are the "
          "system "
          "calls of that name, read_write is pread and pwrite, mmap writes from a mapping of the "
          "source, ring reads and writes by io_uring with many buffers in flight, and ring_direct "
          "does so with O_DIRECT."}},
        {"FILES",
         {"A copy has no name until it is complete, and takes the place of what has that name at "
          "once: nobody sees half of it, and nothing is left behind by a failure, a signal or a "
          "crash. On file systems without O_TMPFILE it is called .NAME.<16 digits>~ meanwhile, "
          "with --resume NAME.part. --in-place writes into what is there.",
          "A name that is replaced keeps the permissions that it had; a new one gets those of the "
          "source, less the umask. Nothing is synced to the disk without --sync."}},
        {"EXIT STATUS",
         {"0 everything was copied; 1 something was not, or not all of its attributes: a line on "
          "standard error says what and why, the rest was copied; 2 the command line makes no "
          "sense; 130 interrupted: what was complete by then is there."}},
        {"EXAMPLES",
         {"A file, and a directory:", "$ ringway cp disk.img /backup/",
          "$ ringway cp -a src /backup/",
          "What an interruption left undone, checked to be the same on both sides:",
          "$ ringway cp -a --resume --verify src /backup/",
          "Past the page cache, with 16 buffers of 1 MiB in flight:",
          "$ ringway cp --direct --depth 16 --buffer 1M disk.img /backup/"}},
        {"SEE ALSO", {"ringway(1), cp(1), ringway-bench(1)"}}};
}

}  // namespace

const command_page& cp_page() {
    static const command_page page{
        .name = "ringway cp",
        .summary = "copy files and directories",
        .synopsis = "ringway cp [OPTION]... SOURCE... DEST",
        .description =
            {"Copies SOURCE to DEST, or each SOURCE into the directory DEST. What can't be "
             "copied is told and the rest goes on. Holes stay holes, blocks are shared where "
             "the file system can, and each copy appears when it is complete.",
             "SIZE is a number of bytes, or one with K, M or G."},
        .options = options_of(cp_option_table()),
        .sections = sections(),
        .help_ending = "Defaults stand in brackets. ringway-cp(1) tells the methods apart.",
    };
    return page;
}

}  // namespace ringway::cli
