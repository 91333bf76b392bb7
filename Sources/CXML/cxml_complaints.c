#include <stdlib.h>
#include <string.h>

#include "cxml_inside.h"

struct complaint {
  char *text;
  char *path;
  long line;
  int number;
};

struct cxml_complaints {
  struct complaint *items;
  size_t count;
  size_t room;
};

static const size_t complaints_max = 1000;

cxml_complaints *cxml_complaints_new(void) {
  cxml_complaints *complaints = calloc(1, sizeof *complaints);
  if (complaints == NULL) abort();
  return complaints;
}

void cxml_complaints_free(cxml_complaints *complaints) {
  if (complaints == NULL) return;
  for (size_t i = 0; i < complaints->count; i++) {
    free(complaints->items[i].text);
    free(complaints->items[i].path);
  }
  free(complaints->items);
  free(complaints);
}

size_t cxml_complaints_count(const cxml_complaints *complaints) { return complaints->count; }
const char *cxml_complaint_text(const cxml_complaints *all, size_t index) { return all->items[index].text; }
const char *cxml_complaint_path(const cxml_complaints *all, size_t index) { return all->items[index].path; }
long cxml_complaint_line(const cxml_complaints *all, size_t index) { return all->items[index].line; }
int cxml_complaint_number(const cxml_complaints *all, size_t index) { return all->items[index].number; }

void cxml_text_free(char *text) { free(text); }

static char *copied(const char *text) {
  if (text == NULL) return NULL;
  char *copy = strdup(text);
  if (copy == NULL) abort();
  return copy;
}

void cxml_complain(cxml_complaints *all, const char *text, const char *path, long line, int number) {
  if (all->count == complaints_max) return;
  if (all->count == all->room) {
    all->room = all->room == 0 ? 8 : all->room * 2;
    all->items = realloc(all->items, all->room * sizeof *all->items);
    if (all->items == NULL) abort();
  }
  all->items[all->count++] = (struct complaint){copied(text != NULL ? text : ""), copied(path), line, number};
}

void cxml_note_error(void *complaints, xmlErrorPtr error) {
  if (error == NULL || error->level == XML_ERR_WARNING || error->level == XML_ERR_NONE) return;
  xmlNodePtr node = error->node;
  xmlChar *path = node != NULL && node->type == XML_ELEMENT_NODE ? xmlGetNodePath(node) : NULL;
  long line = node != NULL && node->type == XML_ELEMENT_NODE ? xmlGetLineNo(node) : error->line;
  cxml_complain(complaints, error->message, (const char *)path, line, error->code);
  xmlFree(path);
}
