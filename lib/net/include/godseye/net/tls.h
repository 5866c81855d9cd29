#pragma once

// TLS on listeners. A listener that is given a certificate and a key (PEM; the file of the certificate holds its chain)
// speaks TLS 1.2 and 1.3 and nothing older. Both servers of this library take the same two names.
//
// Renewal. A listener looks at its two files when a connection comes, at most once a second, and takes them anew when
// one of them has changed; established connections keep what they began with. Files that cannot be used (half
// written, a key of another certificate) leave the old certificate in service: logged, counted in
// `tls_reload_failures`, tried again at the next change. `reload_tls_certificates` makes every listener of the process
// look again whatever the files' times say: the answer to SIGHUP.
//
// Handshakes are bounded in number (`tls_handshakes_max`, one more connection is closed at once) and in time
// (`tls_handshake_timeout`).
namespace godseye::net {

// From any thread; returns at once. Each listener acts on it at its next connection.
void reload_tls_certificates();

}  // namespace godseye::net
