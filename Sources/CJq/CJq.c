#include "CJq.h"

#include <jq.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct cjq_program {
  jq_state *jq;
};

struct cjq_value {
  jv value;
};

/* MARK: memory */

/* Of libjq's own header jv_alloc.h, which is not installed. */
void jv_nomem_handler(void (*handler)(void *), void *data);

static int code_without_memory;

static void without_memory(void *context) {
  (void)context;
  if (code_without_memory != 0) _exit(code_without_memory);
  abort();
}

void cjq_end_without_memory(int code) {
  code_without_memory = code;
  jv_nomem_handler(without_memory, NULL);
}

static char *copy_text(const char *bytes, size_t count) {
  char *text = malloc(count + 1);
  if (text == NULL) without_memory(NULL);
  memcpy(text, bytes, count);
  text[count] = 0;
  return text;
}

void cjq_text_free(char *text) { free(text); }

static cjq_value *box(jv value) {
  cjq_value *boxed = malloc(sizeof *boxed);
  if (boxed == NULL) without_memory(NULL);
  boxed->value = value;
  return boxed;
}

/* MARK: programs */

struct complaints {
  char *text;
  size_t count;
};

static void gather(void *context, jv message) {
  struct complaints *all = context;
  jv text = jq_format_error(message);
  const char *bytes = jv_string_value(text);
  size_t more = strlen(bytes);
  char *grown = realloc(all->text, all->count + more + 2);
  if (grown == NULL) without_memory(NULL);
  memcpy(grown + all->count, bytes, more);
  all->text = grown;
  all->count += more;
  all->text[all->count++] = '\n';
  all->text[all->count] = 0;
  jv_free(text);
}

static void ignore(void *context, jv message) {
  (void)context;
  jv_free(message);
}

static jv no_input(jq_state *jq, void *context) {
  (void)jq;
  (void)context;
  return jv_invalid();
}

cjq_program *cjq_program_compile(const char *text, char **errors) {
  *errors = NULL;
  jq_state *jq = jq_init();
  if (jq == NULL) abort();
  struct complaints all = {NULL, 0};
  jq_set_error_cb(jq, gather, &all);
  jq_set_debug_cb(jq, ignore, NULL);
  jq_set_input_cb(jq, no_input, NULL);
  /* A program sets its own as its thread's each time it runs, and libjq calls even one that is NULL. */
  jq_set_nomem_handler(jq, without_memory, NULL);
  /* An empty list, so that no module is ever looked for on disk. */
  jq_set_attr(jq, jv_string("JQ_LIBRARY_PATH"), jv_array());
  if (!jq_compile(jq, text)) {
    jq_teardown(&jq);
    *errors = all.text != NULL ? all.text : copy_text("", 0);
    return NULL;
  }
  free(all.text);
  jq_set_error_cb(jq, ignore, NULL);
  cjq_program *program = calloc(1, sizeof *program);
  if (program == NULL) without_memory(NULL);
  program->jq = jq;
  return program;
}

void cjq_program_free(cjq_program *program) {
  if (program == NULL) return;
  jq_teardown(&program->jq);
  free(program);
}

static cjq_status failed(jv invalid, char **error) {
  jv message = jv_invalid_get_msg(invalid);
  if (jv_get_kind(message) == JV_KIND_STRING) {
    *error = copy_text(jv_string_value(message), strlen(jv_string_value(message)));
  }
  jv_free(message);
  return CJQ_ERROR;
}

static cjq_status one_result(jq_state *jq, cjq_value **result, char **error) {
  jv first = jq_next(jq);
  if (!jv_is_valid(first)) {
    if (jv_invalid_has_msg(jv_copy(first))) return failed(first, error);
    jv_free(first);
    return CJQ_NONE;
  }
  jv second = jq_next(jq);
  if (jv_is_valid(second)) {
    jv_free(first);
    jv_free(second);
    return CJQ_MANY;
  }
  if (jv_invalid_has_msg(jv_copy(second))) {
    jv_free(first);
    return failed(second, error);
  }
  jv_free(second);
  *result = box(first);
  return CJQ_ONE;
}

cjq_status cjq_program_run(cjq_program *program, const cjq_value *input, cjq_value **result, char **error) {
  *result = NULL;
  *error = NULL;
  jq_start(program->jq, jv_copy(input->value), 0);
  return one_result(program->jq, result, error);
}

/* MARK: values */

cjq_value *cjq_value_parse(const char *bytes, size_t count, char **error) {
  *error = NULL;
  if (count > 0x7fffffff) {
    *error = copy_text("too long", 8);
    return NULL;
  }
  jv_parser *parser = jv_parser_new(0);
  jv_parser_set_buf(parser, bytes, (int)count, 0);
  jv value = jv_parser_next(parser);
  if (jv_is_valid(value)) {
    jv rest = jv_parser_next(parser);
    if (jv_is_valid(rest) || jv_invalid_has_msg(jv_copy(rest))) {
      jv_free(value);
      value = jv_invalid_with_msg(jv_string("more than one value"));
    }
    jv_free(rest);
  }
  jv_parser_free(parser);
  if (jv_is_valid(value)) return box(value);
  if (jv_invalid_has_msg(jv_copy(value))) {
    failed(value, error);
  } else {
    jv_free(value);
  }
  if (*error == NULL) *error = copy_text("no value", 8);
  return NULL;
}

cjq_value *cjq_value_wrap(const cjq_value *envelope, const char *now, const cjq_value *calls, const cjq_value *data) {
  jv object = jv_object_set(jv_object(), jv_string("envelope"), jv_copy(envelope->value));
  object = jv_object_set(object, jv_string("now"), jv_string(now));
  object = jv_object_set(object, jv_string("calls"), jv_copy(calls->value));
  return box(jv_object_set(object, jv_string("data"), data != NULL ? jv_copy(data->value) : jv_null()));
}

void cjq_value_free(cjq_value *value) {
  if (value == NULL) return;
  jv_free(value->value);
  free(value);
}

cjq_kind cjq_value_kind(const cjq_value *value) {
  switch (jv_get_kind(value->value)) {
    case JV_KIND_FALSE: return CJQ_KIND_FALSE;
    case JV_KIND_TRUE: return CJQ_KIND_TRUE;
    case JV_KIND_NUMBER: return CJQ_KIND_NUMBER;
    case JV_KIND_STRING: return CJQ_KIND_STRING;
    case JV_KIND_ARRAY: return CJQ_KIND_ARRAY;
    case JV_KIND_OBJECT: return CJQ_KIND_OBJECT;
    case JV_KIND_INVALID:
    case JV_KIND_NULL: break;
  }
  return CJQ_KIND_NULL;
}

int cjq_value_count(const cjq_value *value) {
  if (jv_get_kind(value->value) != JV_KIND_ARRAY) return 0;
  return jv_array_length(jv_copy(value->value));
}

cjq_value *cjq_value_item(const cjq_value *value, int index) {
  return box(jv_array_get(jv_copy(value->value), index));
}

char *cjq_value_text(const cjq_value *value, size_t *count) {
  jv text = jv_get_kind(value->value) == JV_KIND_STRING ? jv_copy(value->value)
                                                       : jv_dump_string(jv_copy(value->value), 0);
  *count = (size_t)jv_string_length_bytes(jv_copy(text));
  char *copy = copy_text(jv_string_value(text), *count);
  jv_free(text);
  return copy;
}

static int deeper(jv value, int limit) {
  jv_kind kind = jv_get_kind(value);
  int found = 0;
  if (kind != JV_KIND_ARRAY && kind != JV_KIND_OBJECT) {
    jv_free(value);
    return 0;
  }
  if (limit == 0) {
    found = 1;
  } else if (kind == JV_KIND_ARRAY) {
    int count = jv_array_length(jv_copy(value));
    for (int i = 0; i < count && !found; i++) found = deeper(jv_array_get(jv_copy(value), i), limit - 1);
  } else {
    for (int i = jv_object_iter(value); jv_object_iter_valid(value, i) && !found; i = jv_object_iter_next(value, i))
      found = deeper(jv_object_iter_value(value, i), limit - 1);
  }
  jv_free(value);
  return found;
}

int cjq_value_deeper(const cjq_value *value, int limit) { return deeper(jv_copy(value->value), limit); }
