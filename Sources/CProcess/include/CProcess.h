/* What a worker process needs of Linux and cannot be said in Swift: to be started with nothing of ours, to end with
   its hub, and to be held within limits. */
#ifndef CPROCESS_H
#define CPROCESS_H

#include <stddef.h>

/* Starts the program at `path` as `arguments` (ended by NULL), with an empty environment, `channel` as its standard
   input, nothing behind its outputs and no other descriptor. Returns 0 and the process's id, or an errno. */
int cprocess_start(const char *path, char *const *arguments, int channel, int *process);

/* A program that is not ours, and what it may have. */
typedef struct {
  const char *path;           /* of the executable */
  char *const *arguments;     /* its own name first, ended by NULL */
  char *const *environment;   /* NAME=value, ended by NULL: all that it gets */
  const char *folder;         /* where it works */
  int channel;                /* its standard input and output */
  int errors;                 /* its standard error */
  size_t memory_bytes;        /* most address space */
} cprocess_program;

/* Starts a program in a process group of its own, with no other descriptor than its three, no core file and no new
   rights. The kernel kills it when the thread that called ends, so also when the hub is killed. Returns 0 and the
   process's id, or an errno. */
int cprocess_run(const cprocess_program *program, int *process);

/* Two connected sockets that programs which are started do not inherit. Returns 0 or an errno. */
int cprocess_pair(int sockets[2]);

/* Called first in a worker: it is killed when the thread that started it ends, and signals that a terminal or a
   supervisor sends to all processes of the hub do not end it before. Returns 0 when `parent` is still there. */
int cprocess_end_with_parent(int parent);

/* Called in a worker before it sees anything of a message: not more than `memory_bytes` beyond what the process has
   mapped now, no core file, no file written, no new rights, no new process, no connection. Returns 0 or an errno. */
int cprocess_confine(size_t memory_bytes);

/* From now on neither this process nor those that it starts can open a socket other than between processes of this
   machine. Cannot be undone. Returns 0, or an errno when the kernel cannot see to it. */
int cprocess_close_network(void);

/* Bytes that this process has taken from malloc and not given back. */
size_t cprocess_bytes_in_use(void);

#endif
