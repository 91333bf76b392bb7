#include "CJq.h"
int lgsp_CJq_placeholder(void) { return 0; }
