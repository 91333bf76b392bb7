#ifndef CXML_READER_H
#define CXML_READER_H
#endif
