/* Tells in which order a process writes and syncs its files and sends its replies: one line for
 * each, in the file named by SYNC_ORDER_LOG. For the dynamic linker's LD_PRELOAD on Linux. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static void note(const char *what, int fd)
{
    static int log_fd = -1;
    char link[64], path[512], line[640];
    ssize_t length;

    if (log_fd < 0) {
        const char *log = getenv("SYNC_ORDER_LOG");
        if (!log)
            return;
        log_fd = open(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    }
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    length = readlink(link, path, sizeof path - 1);
    if (length < 0)
        return;
    path[length] = 0;
    length = snprintf(line, sizeof line, "%s %s\n", what, path);
    /* The log is not worth failing for: a test that misses a line fails by itself. */
    if (REAL(write)(log_fd, line, (size_t)length) < 0)
        return;
}

static void note_reply(const void *bytes, size_t length, int fd)
{
    static const char start[] = "HTTP/1.1 200";
    if (length >= sizeof start - 1 && !memcmp(bytes, start, sizeof start - 1))
        note("replied", fd);
}

int fsync(int fd)
{
    int result = REAL(fsync)(fd);
    note(result ? "failed" : "synced", fd);
    return result;
}

int fdatasync(int fd)
{
    int result = REAL(fdatasync)(fd);
    note(result ? "failed" : "synced", fd);
    return result;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset)
{
    note("written", fd);
    return REAL(pwrite)(fd, bytes, length, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset)
{
    note("written", fd);
    return REAL(pwrite64)(fd, bytes, length, offset);
}

ssize_t write(int fd, const void *bytes, size_t length)
{
    note_reply(bytes, length, fd);
    return REAL(write)(fd, bytes, length);
}

ssize_t send(int fd, const void *bytes, size_t length, int flags)
{
    note_reply(bytes, length, fd);
    return REAL(send)(fd, bytes, length, flags);
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    if (count > 0)
        note_reply(parts[0].iov_base, parts[0].iov_len, fd);
    return REAL(writev)(fd, parts, count);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    if (message->msg_iovlen > 0)
        note_reply(message->msg_iov[0].iov_base, message->msg_iov[0].iov_len, fd);
    return REAL(sendmsg)(fd, message, flags);
}
