#include <zlib.h>

// A macro is not imported. Bytes without a zlib header, as archives hold them.
static inline int czlib_inflate_raw_init(z_stream *stream) { return inflateInit2(stream, -MAX_WBITS); }
