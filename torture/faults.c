/* Lets writing below a folder fail, as a full or a broken disk does, or end, as without power.

   Loaded into processes by LD_PRELOAD. disk.py says through a file that all of them map which calls
   shall fail, and by which error; by none, every process that makes such a call is killed. It reads
   there how many calls there were, and in a log which files were written and brought to the disk. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

struct order {
  _Atomic long calls;
  long first, last, error;
  char below[PATH_MAX], log[PATH_MAX];
};

static struct order *order;

__attribute__((constructor)) static void take_order(void) {
  const char *path = getenv("FAULTS_ORDER");
  int fd = path ? open(path, O_RDWR) : -1;
  if (fd < 0) return;
  void *mapped = mmap(NULL, sizeof(struct order), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (mapped != MAP_FAILED) order = mapped;
}

static int fails(const char *path) {
  if (!order || !order->below[0] || strncmp(path, order->below, strlen(order->below))) return 0;
  long call = atomic_fetch_add(&order->calls, 1) + 1;
  if (call < order->first || call > order->last) return 0;
  if (!order->error) kill(getpid(), SIGKILL);
  errno = (int)order->error;
  return 1;
}

static int fails_in(int fd) {
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, sizeof path - 1);
  if (n < 0) return 0;
  path[n] = 0;
  return fails(path);
}

/* What was done to a file: its number, and how many bytes it had then. */
static void note(char what, int fd) {
  struct stat now;
  char line[64];
  if (!order || !order->log[0] || fstat(fd, &now)) return;
  int log = (int)syscall(SYS_openat, AT_FDCWD, order->log, O_WRONLY | O_APPEND);
  int n = snprintf(line, sizeof line, "%c %lu %ld\n", what, (unsigned long)now.st_ino,
                   (long)now.st_size);
  if (log < 0) return;
  syscall(SYS_write, log, line, n);
  close(log);
}

static int fails_at(int folder, const char *name) {
  char link[64], path[2 * PATH_MAX];
  if (name[0] == '/') return fails(name);
  if (folder == AT_FDCWD)
    snprintf(link, sizeof link, "/proc/self/cwd");
  else
    snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
  ssize_t n = readlink(link, path, PATH_MAX - 1);
  if (n < 0) return 0;
  snprintf(path + n, sizeof path - n, "/%s", name);
  return fails(path);
}

#define NEXT(name) \
  static __typeof__(&name) next; \
  if (!next) next = (__typeof__(next))dlsym(RTLD_NEXT, #name)

#define MODE(flags, last) \
  mode_t mode = 0; \
  if ((flags) & O_CREAT) { \
    va_list more; \
    va_start(more, last); \
    mode = va_arg(more, mode_t); \
    va_end(more); \
  }

#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    NEXT(name); \
    MODE(flags, flags) \
    if ((flags & O_CREAT) && fails_at(AT_FDCWD, path)) return -1; \
    return next(path, flags, mode); \
  }

#define OPEN_AT(name) \
  int name(int folder, const char *path, int flags, ...) { \
    NEXT(name); \
    MODE(flags, flags) \
    if ((flags & O_CREAT) && fails_at(folder, path)) return -1; \
    return next(folder, path, flags, mode); \
  }

#define ON_FILE(result, name, parameters, arguments) \
  result name parameters { \
    NEXT(name); \
    if (fails_in(fd)) return -1; \
    note('w', fd); \
    return next arguments; \
  }

#define SYNC(name) \
  int name(int fd) { \
    NEXT(name); \
    if (fails_in(fd)) return -1; \
    int result = next(fd); \
    if (!result) note('s', fd); \
    return result; \
  }

#define ON_PATH(name, folder, path, parameters, arguments) \
  int name parameters { \
    NEXT(name); \
    if (fails_at(folder, path)) return -1; \
    return next arguments; \
  }

OPEN(open)
OPEN(open64)
OPEN_AT(openat)
OPEN_AT(openat64)
ON_FILE(ssize_t, write, (int fd, const void *from, size_t n), (fd, from, n))
ON_FILE(ssize_t, pwrite, (int fd, const void *from, size_t n, off_t at), (fd, from, n, at))
ON_FILE(ssize_t, pwrite64, (int fd, const void *from, size_t n, off64_t at), (fd, from, n, at))
ON_FILE(ssize_t, writev, (int fd, const struct iovec *from, int n), (fd, from, n))
ON_FILE(ssize_t, sendfile, (int fd, int from, off_t *at, size_t n), (fd, from, at, n))
ON_FILE(ssize_t, sendfile64, (int fd, int from, off64_t *at, size_t n), (fd, from, at, n))
SYNC(fsync)
SYNC(fdatasync)
ON_FILE(int, ftruncate, (int fd, off_t n), (fd, n))
ON_FILE(int, ftruncate64, (int fd, off64_t n), (fd, n))
ON_PATH(mkdir, AT_FDCWD, path, (const char *path, mode_t mode), (path, mode))
ON_PATH(mkdirat, fd, path, (int fd, const char *path, mode_t mode), (fd, path, mode))
ON_PATH(rename, AT_FDCWD, to, (const char *from, const char *to), (from, to))
ON_PATH(renameat, there, to, (int here, const char *from, int there, const char *to),
        (here, from, there, to))
