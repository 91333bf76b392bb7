#include <sqlite3.h>

// Variadic functions are not imported. Leaves out the count of all memory in use, for which SQLite would take a lock
// with every allocation; only before SQLite is used first, later it changes nothing.
static inline int lgsp_sqlite_leave_out_memory_count(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }
