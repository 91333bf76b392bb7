#include "CCurl.h"
int lgsp_CCurl_placeholder(void) { return 0; }
