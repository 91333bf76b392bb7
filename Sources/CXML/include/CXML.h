/* What Swift sees of libxml2 and libxslt: plain functions with plain arguments. */
#ifndef CXML_H
#define CXML_H
#include "cxml_reader.h"
#include "cxml_xsd.h"
#include "cxml_xslt.h"
#endif
