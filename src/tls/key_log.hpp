// The file that SSLKEYLOGFILE names.
#pragma once

namespace ringway::tls {

/// GnuTLS writes the secrets of every session to the file that the environment variable
/// SSLKEYLOGFILE names, in the format of NSS, appending; but it makes it as the umask says. This
/// makes it first, for its owner only. Once per process; does nothing without the variable.
void protect_key_log() noexcept;

}  // namespace ringway::tls
