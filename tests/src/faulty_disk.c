/* Lets writes to the server's store and mirror fail as on a disk that is full or broken, whoever makes them: loaded before
 * libc by LD_PRELOAD. BREAKGLASS_TEST_DISK says which, as NTH:ERRNO:MILLIS: the NTH call counted from 1, and all that follow
 * within MILLIS. BREAKGLASS_TEST_DISK_COUNT names a file that is as long as there were calls. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

static atomic_long calls, failing_until;
static long nth, error, millis;
static int count = -1;

__attribute__((constructor)) static void read_settings(void) {
    const char *wanted = getenv("BREAKGLASS_TEST_DISK"), *file = getenv("BREAKGLASS_TEST_DISK_COUNT");
    if (wanted && sscanf(wanted, "%ld:%ld:%ld", &nth, &error, &millis) != 3) abort();
    if (file) count = open(file, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
}

static long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static int is_kept(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return strstr(path, "/breakglass.db") || strstr(path, "/breakglass.mirror");
}

/* Does this call fail? */
static int fails(int fd) {
    if (!is_kept(fd)) return 0;
    long call = atomic_fetch_add(&calls, 1) + 1;
    if (count >= 0) syscall(SYS_write, count, ".", 1);
    if (call == nth) atomic_store(&failing_until, now() + millis);
    if (call != nth && now() >= atomic_load(&failing_until)) return 0;
    errno = (int)error;
    return 1;
}

#define FAULTY(name, fd, parameters, arguments, answer)                  \
    answer name parameters {                                             \
        static answer(*real) parameters;                                 \
        if (!real) real = (answer(*) parameters)dlsym(RTLD_NEXT, #name); \
        return fails(fd) ? -1 : real arguments;                          \
    }

FAULTY(write, fd, (int fd, const void *bytes, size_t length), (fd, bytes, length), ssize_t)
FAULTY(pwrite, fd, (int fd, const void *bytes, size_t length, off_t at), (fd, bytes, length, at), ssize_t)
FAULTY(pwrite64, fd, (int fd, const void *bytes, size_t length, off64_t at), (fd, bytes, length, at), ssize_t)
FAULTY(ftruncate, fd, (int fd, off_t length), (fd, length), int)
FAULTY(ftruncate64, fd, (int fd, off64_t length), (fd, length), int)
FAULTY(fsync, fd, (int fd), (fd), int)
FAULTY(fdatasync, fd, (int fd), (fd), int)
