#ifndef CXML_XSD_H
#define CXML_XSD_H
#endif
