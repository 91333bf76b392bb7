// Typed doors to libcurl's variadic functions, which Swift cannot import. Each function passes its arguments on and
// returns what libcurl returned; it knows nothing else.

#ifndef LGSP_CCURL_H
#define LGSP_CCURL_H

#include <curl/curl.h>
#include <stdint.h>

/// Sets an option that takes a `long`.
CURLcode ccurl_set_long(CURL *easy, CURLoption option, long value);
/// Sets an option that takes a `curl_off_t`.
CURLcode ccurl_set_offset(CURL *easy, CURLoption option, curl_off_t value);
/// Sets an option that takes text; libcurl copies it. NULL resets the option.
CURLcode ccurl_set_text(CURL *easy, CURLoption option, const char *value);
/// Sets an option that takes bytes; libcurl copies them.
CURLcode ccurl_set_blob(CURL *easy, CURLoption option, const void *bytes, size_t count);
/// Sets an option that takes a pointer; it must live as long as the transfer.
CURLcode ccurl_set_pointer(CURL *easy, CURLoption option, void *value);
/// Sets the header list; it must live as long as the transfer.
CURLcode ccurl_set_headers(CURL *easy, struct curl_slist *list);
/// Sets the whole request body; libcurl copies the bytes.
CURLcode ccurl_set_body(CURL *easy, const void *bytes, curl_off_t count);

/// Sets the function that takes the answer's body.
CURLcode ccurl_set_write(CURL *easy, size_t (*function)(char *, size_t, size_t, void *), void *context);
/// Sets the function that takes the answer's header lines.
CURLcode ccurl_set_header(CURL *easy, size_t (*function)(char *, size_t, size_t, void *), void *context);
/// Sets the function that gives the request's body.
CURLcode ccurl_set_read(CURL *easy, size_t (*function)(char *, size_t, size_t, void *), void *context);
/// Sets the function that opens sockets.
CURLcode ccurl_set_open_socket(
    CURL *easy, curl_socket_t (*function)(void *, curlsocktype, struct curl_sockaddr *), void *context);
/// Sets the function that is asked when a connection, new or reused, is about to carry a request.
CURLcode ccurl_set_prereq(CURL *easy, int (*function)(void *, char *, char *, int, int), void *context);

/// Lets the transfer use http and https and nothing else.
CURLcode ccurl_allow_http_only(CURL *easy);

/// Lets the transfer use SFTP and FTP, with or without TLS, and nothing else.
CURLcode ccurl_allow_files_only(CURL *easy);
/// Sets the commands that are sent before the transfer; the list must live as long as the transfer.
CURLcode ccurl_set_quotes(CURL *easy, struct curl_slist *list);

/// Reads a `long`; 0 when there is none.
long ccurl_get_long(CURL *easy, CURLINFO info);
/// Reads a `curl_off_t`; 0 when there is none.
curl_off_t ccurl_get_offset(CURL *easy, CURLINFO info);
/// Reads the pointer that was set as CURLOPT_PRIVATE.
void *ccurl_get_private(CURL *easy);

/// Sets an option of a multi handle that takes a `long`.
CURLMcode ccurl_multi_set_long(CURLM *multi, CURLMoption option, long value);

/// Takes the next finished transfer.
///
/// Returns its easy handle and writes its result; NULL when there is none.
CURL *ccurl_next_finished(CURLM *multi, CURLcode *result);

/// Takes a socket address apart.
///
/// Writes 4 or 16 bytes of address to `bytes` and the port to `port`; returns the number of bytes, 0 for an address
/// family that is neither IPv4 nor IPv6.
int ccurl_address(const struct curl_sockaddr *address, uint8_t bytes[16], uint16_t *port);

/// Opens the socket that libcurl asked for, closed on exec; returns CURL_SOCKET_BAD when the system refuses.
curl_socket_t ccurl_open_socket(const struct curl_sockaddr *address);

/// Holds bytes in memory under a name that a library can open: `/proc/self/fd/<result>`.
///
/// Returns a descriptor, closed on exec; -1 when the system refuses.
int ccurl_hold(const void *bytes, size_t count);

/// Names the calling thread for `top` and debuggers; at most 15 characters.
void ccurl_name_thread(const char *name);

#endif
