#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "CProcess.h"

/* Between vfork and exec the child has the hub's memory: nothing here may change what the hub sees, and only system
   calls may be made. */

static int limit(int resource, rlim_t most) {
  struct rlimit both = {most, most};
  return setrlimit(resource, &both) == 0 ? 0 : errno;
}

static int become(const cprocess_program *program, pid_t hub) {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
  if (getppid() != hub) return ESRCH;
  if (setpgid(0, 0) != 0 || chdir(program->folder) != 0) return errno;
  if (dup2(program->channel, 0) < 0 || dup2(program->channel, 1) < 0 || dup2(program->errors, 2) < 0) return errno;
  if (syscall(SYS_close_range, 3, ~0U, 0) != 0) return errno;
  int failure = limit(RLIMIT_CORE, 0);
  if (failure == 0) failure = limit(RLIMIT_NOFILE, 1024);
  if (failure == 0) failure = limit(RLIMIT_AS, program->memory_bytes);
  if (failure != 0) return failure;
  struct sigaction standard = {.sa_handler = SIG_DFL};
  for (int number = 1; number < NSIG; number++) sigaction(number, &standard, NULL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  execve(program->path, program->arguments, program->environment);
  return errno;
}

int cprocess_run(const cprocess_program *program, int *process) {
  pid_t hub = getpid();
  volatile int failure = 0;
  sigset_t all, before;
  sigfillset(&all);
  /* No handler of the hub may run in the child, which shares its memory. */
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_t started = vfork();
  if (started == 0) {
    failure = become(program, hub);
    _exit(127);
  }
  if (started < 0) failure = errno;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  *process = started;
  return failure;
}
