/* XML Schema 1.0 by libxml2. A schema belongs to one thread at a time. */
#ifndef CXML_XSD_H
#define CXML_XSD_H

#include "cxml_parse.h"

typedef struct cxml_schema cxml_schema;

/* Compiles a schema; takes the document over. It must be whole: include, redefine and import with a location are
   complaints. Returns NULL with at least one complaint. */
cxml_schema *cxml_schema_compile(cxml_document *document, cxml_complaints *complaints);
void cxml_schema_free(cxml_schema *schema);

/* Returns 1 when the document keeps to the schema, 0 with complaints when not, -1 when it could not be told. */
int cxml_schema_validate(cxml_schema *schema, cxml_document *document, cxml_complaints *complaints);

#endif
