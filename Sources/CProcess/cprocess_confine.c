#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "CProcess.h"

/* MARK: memory and files' sizes */

static size_t mapped_bytes(void) {
  unsigned long pages = 0;
  FILE *file = fopen("/proc/self/statm", "re");
  if (file == NULL) return 0;
  if (fscanf(file, "%lu", &pages) != 1) pages = 0;
  fclose(file);
  return pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* When the machine itself runs short, its kernel should take a worker and not the hub. */
static void offer_to_killer(void) {
  int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (file < 0) return;
  ssize_t written = write(file, "500", 3);
  (void)written;
  close(file);
}

static int limit(int resource, rlim_t most) {
  struct rlimit both = {most, most};
  return setrlimit(resource, &both) == 0 ? 0 : errno;
}

/* MARK: files. Encodings of XML other than the commonest are modules of the C library below /usr: those may be read,
   and nothing else may be opened. Kernels without Landlock leave that open. */

static void close_files(void) {
  struct landlock_ruleset_attr all = {
    .handled_access_fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1, /* all that its first version knows */
  };
  int rules = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof all, 0);
  if (rules < 0) return;
  struct landlock_path_beneath_attr below = {
    .allowed_access = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
    .parent_fd = open("/usr", O_PATH | O_CLOEXEC),
  };
  if (below.parent_fd >= 0) {
    syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &below, 0);
    close(below.parent_fd);
  }
  syscall(SYS_landlock_restrict_self, rules, 0);
  close(rules);
}

/* MARK: system calls. Those by which code that should not run could reach others fail. What is not named here goes on:
   the C library and Swift's runtime need many calls, and each version others. */

#if defined(__x86_64__)
#define OWN_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OWN_ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define ANSWER(what) BPF_STMT(BPF_RET | BPF_K, what)
#define FAIL(error) ANSWER(SECCOMP_RET_ERRNO | (error))
#ifdef __x86_64__
#define REFUSE_X32 , BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1), FAIL(EPERM)
#else
#define REFUSE_X32
#endif
/* How each filter begins: with the call's number, of no other architecture. */
#define OWN_CALLS                                                                                                      \
  LOAD(arch), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OWN_ARCHITECTURE, 1, 0), FAIL(EPERM), LOAD(nr) REFUSE_X32
#define REFUSE(call) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 1), FAIL(EPERM)

/* For the threads that are there already too, and with them that they get no new rights. Returns 0 or an errno. */
static int install(struct sock_filter *filter, size_t count) {
  struct sock_fprog program = {(unsigned short)count, filter};
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) == 0 ? 0 : errno;
}

static int close_calls(void) {
#ifdef OWN_ARCHITECTURE
  struct sock_filter filter[] = {
    OWN_CALLS,
#ifdef __x86_64__
    REFUSE(fork),
    REFUSE(vfork),
#endif
    REFUSE(socket),
    REFUSE(socketpair),
    REFUSE(connect),
    REFUSE(bind),
    REFUSE(execve),
    REFUSE(execveat),
    REFUSE(kill),
    REFUSE(tkill),
    REFUSE(ptrace),
    REFUSE(process_vm_readv),
    REFUSE(process_vm_writev),
    REFUSE(pidfd_open),
    REFUSE(io_uring_setup),
    REFUSE(bpf),
    REFUSE(keyctl),
    REFUSE(unshare),
    REFUSE(setns),
    /* The C library takes clone instead, whose flags can be seen: threads may be made, processes not. */
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1),
    FAIL(ENOSYS),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 4),
    LOAD(args[0]),
    BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 1, 0),
    FAIL(EPERM),
    ANSWER(SECCOMP_RET_ALLOW),
    /* abort() sends a signal to itself this way. */
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_tgkill, 0, 3),
    LOAD(args[0]),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)getpid(), 1, 0),
    FAIL(EPERM),
    ANSWER(SECCOMP_RET_ALLOW),
  };
  int failure = install(filter, sizeof filter / sizeof filter[0]);
  /* A kernel without filters, or a supervisor that keeps this call for itself. */
  return failure == ENOSYS || failure == EINVAL || failure == EPERM ? 0 : failure;
#else
  return 0;
#endif
}

int cprocess_close_network(void) {
#ifdef OWN_ARCHITECTURE
  struct sock_filter filter[] = {
    OWN_CALLS,
    REFUSE(io_uring_setup),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 1, 0),
    ANSWER(SECCOMP_RET_ALLOW),
    LOAD(args[0]),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_UNIX, 0, 1), /* between processes of this machine */
    ANSWER(SECCOMP_RET_ALLOW),
    FAIL(EPERM),
  };
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
  return install(filter, sizeof filter / sizeof filter[0]);
#else
  return ENOSYS;
#endif
}

int cprocess_confine(size_t memory_bytes) {
  size_t baseline = mapped_bytes();
  if (baseline == 0) return ENOENT;
  offer_to_killer();
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
  int failure = limit(RLIMIT_CORE, 0);
  if (failure == 0) failure = limit(RLIMIT_FSIZE, 0);
  if (failure == 0) failure = limit(RLIMIT_NOFILE, 16);
  if (failure == 0) failure = limit(RLIMIT_AS, baseline + memory_bytes);
  if (failure != 0) return failure;
  close_files();
  return close_calls();
}

size_t cprocess_bytes_in_use(void) {
  struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}
