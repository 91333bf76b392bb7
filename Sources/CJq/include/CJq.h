/* What Swift sees of libjq 1.6: programs and values behind plain pointers. A `jv` never crosses this line, so nobody
   has to know which libjq call consumes its argument.

   A program and a value belong to one thread at a time. */
#ifndef CJQ_H
#define CJQ_H

#include <stddef.h>

typedef struct cjq_program cjq_program;
typedef struct cjq_value cjq_value;

/* From now on the process ends with `code` when libjq gets no memory on this thread; else it would abort. */
void cjq_end_without_memory(int code);

/* Compiles a program. Returns NULL when it does not compile; `*errors` is then libjq's complaints, one a line.
   Texts handed out are freed with cjq_text_free. */
cjq_program *cjq_program_compile(const char *text, char **errors);
void cjq_program_free(cjq_program *program);

typedef enum {
  CJQ_ONE,    /* exactly one result, in `*result` */
  CJQ_NONE,   /* no result */
  CJQ_MANY,   /* more than one */
  CJQ_ERROR   /* the program raised an error; `*error` is its text, NULL when it was not a string */
} cjq_status;

cjq_status cjq_program_run(cjq_program *program, const cjq_value *input, cjq_value **result, char **error);

/* Reads JSON text. Returns NULL with the reason in `*error`, which holds no part of the text. */
cjq_value *cjq_value_parse(const char *bytes, size_t count, char **error);
/* The object {"envelope": ..., "now": ..., "calls": ..., "data": ...}; `data` may be NULL for null. */
cjq_value *cjq_value_wrap(const cjq_value *envelope, const char *now, const cjq_value *calls, const cjq_value *data);
void cjq_value_free(cjq_value *value);

typedef enum {
  CJQ_KIND_NULL, CJQ_KIND_FALSE, CJQ_KIND_TRUE, CJQ_KIND_NUMBER, CJQ_KIND_STRING, CJQ_KIND_ARRAY, CJQ_KIND_OBJECT
} cjq_kind;

cjq_kind cjq_value_kind(const cjq_value *value);
/* Items of an array; 0 for anything else. */
int cjq_value_count(const cjq_value *value);
/* An item of an array, to be freed. */
cjq_value *cjq_value_item(const cjq_value *value, int index);
/* A string as it is, anything else as JSON text; to be freed. Strings may hold NUL: `*count` counts bytes. */
char *cjq_value_text(const cjq_value *value, size_t *count);
/* Whether a value nests deeper than `limit`; looks no deeper than that, so any depth is safe to ask about. */
int cjq_value_deeper(const cjq_value *value, int limit);

void cjq_text_free(char *text);

#endif
