/* What Swift sees of two C++ libraries: nlohmann-json (strict reading) and valijson (JSON Schema). Plain functions
   with plain arguments; no exception leaves them.

   A schema belongs to one thread at a time. Texts handed out are freed with cjs_text_free. */
#ifndef CJSONSCHEMA_H
#define CJSONSCHEMA_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

void cjs_text_free(char *text);

/* MARK: reading JSON (cjs_read.cpp) */

typedef enum {
  CJS_OK,
  CJS_SYNTAX,      /* not JSON; `message` says what was found and what was expected */
  CJS_UTF8,        /* bytes that are not UTF-8 inside a string */
  CJS_SURROGATE,   /* half of a surrogate pair */
  CJS_NUMBER,      /* a number that no double can hold */
  CJS_DEPTH,       /* nested deeper than allowed */
  CJS_DUPLICATE,   /* a member name occurs twice in one object; `message` is the name */
  CJS_MEMBERS,     /* more members in one object than allowed */
  CJS_UNREADABLE,  /* the bytes could not be had */
  CJS_STOPPED      /* the event callback said so */
} cjs_code;

typedef struct {
  cjs_code code;
  long line;   /* from 1 */
  long column; /* in characters, from 1 */
  char message[256];
} cjs_problem;

/* Fills `buffer` with at most `count` bytes; returns how many, 0 at the end, -1 when they cannot be had. */
typedef long (*cjs_read)(void *context, char *buffer, size_t count);

typedef enum {
  CJS_NULL, CJS_FALSE, CJS_TRUE, CJS_NUMBER_TEXT, CJS_STRING, CJS_KEY, CJS_OBJECT, CJS_OBJECT_END, CJS_ARRAY,
  CJS_ARRAY_END
} cjs_event;

/* Called for each piece of the document in order, with the text of strings (unescaped), keys and numbers.
   Returns 0 to stop. */
typedef int (*cjs_on_event)(void *context, cjs_event event, const char *bytes, size_t count);

typedef struct {
  int depth_max;
  size_t members_max;
  cjs_on_event on_event; /* may be NULL */
  void *event_context;
} cjs_options;

/* From now on the process ends with `code` when C++ gets no memory; else that would be an exception. */
void cjs_end_without_memory(int code);

/* Reads JSON (RFC 8259) strictly from front to back, without recursion; memory grows with the longest string and
   with the member names of the objects that are open. */
cjs_problem cjs_scan(cjs_read read, void *read_context, const cjs_options *options);

/* Whether cjs_scan finds nothing wrong with these bytes, which are a whole document: 1 when that is sure, 0 when only
   cjs_scan can tell. Ten times as fast, since it makes no strings and numbers; gives no events (cjs_sound.cpp). */
int cjs_sound(const char *bytes, size_t count, const cjs_options *options);

/* Deepest nesting of JSON that is known to be well formed, and whether it has an integer beyond 2^53. One pass. */
typedef struct {
  int depth;
  int has_large_integer;
} cjs_shape;
cjs_shape cjs_measure(const char *bytes, size_t count);

/* MARK: JSON Schema (cjs_schema.cpp) */

typedef struct cjs_schema cjs_schema;

/* Compiles a draft 7 schema. Returns NULL with the reason in `*error`. */
cjs_schema *cjs_schema_compile(const char *bytes, size_t count, char **error);
void cjs_schema_free(cjs_schema *schema);

/* One complaint: the JSON Pointer of the value and a sentence of valijson's. */
typedef void (*cjs_on_complaint)(void *context, const char *pointer, const char *sentence);

/* Validates well-formed JSON. Returns 1 when it keeps to the schema, 0 when not, -1 when it could not be told: the
   reason is then the last complaint. */
int cjs_schema_validate(
  cjs_schema *schema, const char *bytes, size_t count, cjs_on_complaint on_complaint, void *context);

#ifdef __cplusplus
}
#endif
#endif
