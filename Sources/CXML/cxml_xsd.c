#include "cxml_xsd.h"

#include <stdlib.h>
#include <string.h>

#include "cxml_inside.h"
#include <libxml/xmlschemas.h>

struct cxml_schema {
  xmlSchemaPtr schema;
  cxml_document *document; /* the compiled schema points into it */
};

static int is_outside_reference(xmlNodePtr node) {
  if (node->ns == NULL || strcmp((const char *)node->ns->href, "http://www.w3.org/2001/XMLSchema") != 0) return 0;
  const char *name = (const char *)node->name;
  if (strcmp(name, "include") == 0 || strcmp(name, "redefine") == 0) return 1;
  return strcmp(name, "import") == 0 && xmlHasProp(node, BAD_CAST "schemaLocation") != NULL;
}

static int refuse_outside_references(xmlDocPtr doc, cxml_complaints *complaints) {
  int found = 0;
  xmlNodePtr root = xmlDocGetRootElement(doc);
  for (xmlNodePtr node = root != NULL ? root->children : NULL; node != NULL; node = node->next) {
    if (node->type != XML_ELEMENT_NODE || !is_outside_reference(node)) continue;
    found = 1;
    cxml_complain(complaints, "a schema that refers to another file is not followed; put it all into one file", NULL,
                  xmlGetLineNo(node), 0);
  }
  return found;
}

cxml_schema *cxml_schema_compile(cxml_document *document, cxml_complaints *complaints) {
  if (refuse_outside_references(document->doc, complaints)) {
    cxml_document_free(document);
    return NULL;
  }
  xmlSchemaPtr compiled = NULL;
  xmlSetStructuredErrorFunc(complaints, cxml_note_error);
  xmlSchemaParserCtxtPtr parser = xmlSchemaNewDocParserCtxt(document->doc);
  if (parser != NULL) {
    xmlSchemaSetParserStructuredErrors(parser, cxml_note_error, complaints);
    compiled = xmlSchemaParse(parser);
    xmlSchemaFreeParserCtxt(parser);
  }
  xmlSetStructuredErrorFunc(NULL, NULL);
  if (compiled == NULL) {
    if (cxml_complaints_count(complaints) == 0) cxml_complain(complaints, "not an XML Schema", NULL, 0, 0);
    cxml_document_free(document);
    return NULL;
  }
  cxml_schema *schema = malloc(sizeof *schema);
  if (schema == NULL) abort();
  *schema = (cxml_schema){compiled, document};
  return schema;
}

void cxml_schema_free(cxml_schema *schema) {
  if (schema == NULL) return;
  xmlSchemaFree(schema->schema);
  cxml_document_free(schema->document);
  free(schema);
}

int cxml_schema_validate(cxml_schema *schema, cxml_document *document, cxml_complaints *complaints) {
  xmlSchemaValidCtxtPtr validator = xmlSchemaNewValidCtxt(schema->schema);
  if (validator == NULL) abort();
  xmlSetStructuredErrorFunc(complaints, cxml_note_error);
  xmlSchemaSetValidStructuredErrors(validator, cxml_note_error, complaints);
  int answer = xmlSchemaValidateDoc(validator, document->doc);
  xmlSetStructuredErrorFunc(NULL, NULL);
  xmlSchemaFreeValidCtxt(validator);
  return answer == 0 ? 1 : answer > 0 ? 0 : -1;
}
