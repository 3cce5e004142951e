#include "cli/serve_options.hpp"

#include <ringway/wire/accept_encoding.hpp>

namespace ringway::cli {

serve_options::serve_options() {
    site.listing = files::listing_mode::automatic;
    for (const auto coding : {wire::coding::brotli, wire::coding::zstd, wire::coding::gzip}) {
        site.precompressed |= wire::coding_bit(coding);
    }
}

}  // namespace ringway::cli
