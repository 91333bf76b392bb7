/* What the .c files of this target share and nobody else sees. */
#ifndef CXML_INSIDE_H
#define CXML_INSIDE_H

#include <libxml/xmlversion.h>
#undef LIBXML_ICU_ENABLED
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xmlerror.h>

#include "cxml_parse.h"

struct cxml_document {
  xmlDocPtr doc;
};

/* Adds a complaint; `text` and `path` are copied. At most 1000 are kept. */
void cxml_complain(cxml_complaints *complaints, const char *text, const char *path, long line, int number);
/* An xmlStructuredErrorFunc whose context is a cxml_complaints. */
void cxml_note_error(void *complaints, xmlErrorPtr error);

#endif
