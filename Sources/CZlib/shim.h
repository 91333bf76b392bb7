#include <zlib.h>

// Macros are not imported. Bytes with a zlib header, and without, as archives hold them.
static inline int czlib_inflate_init(z_stream *stream) { return inflateInit(stream); }
static inline int czlib_inflate_raw_init(z_stream *stream) { return inflateInit2(stream, -MAX_WBITS); }
