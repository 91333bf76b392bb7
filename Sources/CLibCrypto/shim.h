#include <openssl/cms.h>
