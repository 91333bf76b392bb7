#include "CJSONSchema.h"
int lgsp_CJSONSchema_placeholder(void) { return 0; }
