#define _GNU_SOURCE
#include "CProcess.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* MARK: the hub's side */

int cprocess_pair(int sockets[2]) {
  return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) == 0 ? 0 : errno;
}

static int prepare(posix_spawn_file_actions_t *actions, posix_spawnattr_t *attributes, int channel) {
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  int failure = posix_spawn_file_actions_adddup2(actions, channel, 0);
  if (failure == 0) failure = posix_spawn_file_actions_addopen(actions, 1, "/dev/null", O_WRONLY, 0);
  if (failure == 0) failure = posix_spawn_file_actions_adddup2(actions, 1, 2);
  if (failure == 0) failure = posix_spawn_file_actions_addclosefrom_np(actions, 3);
  if (failure == 0) failure = posix_spawnattr_setsigmask(attributes, &none);
  if (failure == 0) failure = posix_spawnattr_setsigdefault(attributes, &all);
  if (failure == 0)
    failure = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  return failure;
}

int cprocess_start(const char *path, char *const *arguments, int channel, int *process) {
  char *const environment[] = {NULL};
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  pid_t started = 0;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  int failure = prepare(&actions, &attributes, channel);
  if (failure == 0) failure = posix_spawn(&started, path, &actions, &attributes, arguments, environment);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  *process = started;
  return failure;
}

/* MARK: the worker's side */

int cprocess_end_with_parent(int parent) {
  /* The hub asked may have ended before this line: then the worker belongs to another by now. */
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return errno;
  if (getppid() != parent) return ESRCH;
  signal(SIGTERM, SIG_IGN);
  signal(SIGINT, SIG_IGN);
  signal(SIGHUP, SIG_IGN);
  /* One heap, so that no second one reserves a part of the limit. */
  mallopt(M_ARENA_MAX, 1);
  return 0;
}
