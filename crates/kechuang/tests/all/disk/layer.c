/* A file layer between a program and the disk, for tests: it writes down every change below one folder, in
 * order and with its bytes, and fails on request. Loaded with LD_PRELOAD; built by `layer.rs` with `cc`.
 *
 * LAYER_FOLDER   the folder that is watched, an absolute path without a slash at the end
 * LAYER_TRACE    where the changes are written down; without it nothing is
 * LAYER_MARKS    a file whose writes are put into the trace as marks, in step with everything else
 * LAYER_CONTROL  a file that says what fails: `full 7` lets seven changes pass, then there is no room;
 *                `torn 7` also cuts the eighth short; `sync 7` fails to sync, from the eighth sync on;
 *                `locked 0` lets nothing be written, as on a read-only disk
 *
 * A record of the trace: kind (1 byte), number of the file (4), offset (8), length (4), bytes; all little-endian.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define FILES_MAX 65536
#define INODES_MAX 65536

enum { OPENED = 1, MADE, WRITTEN, CUT, SYNCED, RENAMED, REMOVED, FOLDER_MADE, MARK, FOLDER_OPENED };

static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static const char *folder, *marks, *control;
static int trace = -1;
static uint32_t numbers[FILES_MAX]; /* by descriptor; 0 is not watched */
static struct { ino_t inode; uint32_t number; } known[INODES_MAX];
static uint32_t last_number, known_count;
static const uint32_t MARKS = UINT32_MAX;

__attribute__((constructor)) static void begin(void) {
    folder = getenv("LAYER_FOLDER");
    marks = getenv("LAYER_MARKS");
    control = getenv("LAYER_CONTROL");
    const char *path = getenv("LAYER_TRACE");
    if (folder && path) trace = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static void record(uint8_t kind, uint32_t number, uint64_t offset, const void *bytes, uint32_t length) {
    if (trace < 0) return;
    unsigned char head[17];
    head[0] = kind;
    memcpy(head + 1, &number, 4);
    memcpy(head + 5, &offset, 8);
    memcpy(head + 13, &length, 4);
    struct iovec parts[2] = {{head, sizeof head}, {(void *)bytes, length}};
    if (syscall(SYS_writev, trace, parts, 2) != (long)(sizeof head + length)) _exit(98);
}

/* The absolute path behind a folder's descriptor and a name; NULL when it is not ours. */
static const char *watched(int at, const char *name, char *whole) {
    if (!folder || !name) return NULL;
    if (name[0] == '/') {
        if (snprintf(whole, PATH_MAX, "%s", name) >= PATH_MAX) return NULL;
    } else {
        char link[64], base[PATH_MAX];
        if (at == AT_FDCWD) snprintf(link, sizeof link, "/proc/self/cwd");
        else snprintf(link, sizeof link, "/proc/self/fd/%d", at);
        ssize_t length = readlink(link, base, sizeof base - 1);
        if (length < 0) return NULL;
        base[length] = 0;
        if (snprintf(whole, PATH_MAX, "%s/%s", base, name) >= PATH_MAX) return NULL;
    }
    size_t length = strlen(folder), all = strlen(whole);
    if (strncmp(whole, folder, length) || (whole[length] && whole[length] != '/')) return NULL;
    /* The index of the write-ahead log is memory that several processes share: it never outlives a crash. */
    if (all > 4 && !strcmp(whole + all - 4, "-shm")) return NULL;
    return whole[length] ? whole + length + 1 : "";
}

/* What fails: nothing, one change cut short, or no room. */
enum { PASSES, SHORT, FAILS };
static int fails(int is_sync) {
    static char before[64];
    static long passed;
    char text[64] = "", kind[16] = "";
    long allowed = 0;
    if (!control) return PASSES;
    int file = syscall(SYS_openat, AT_FDCWD, control, O_RDONLY | O_CLOEXEC, 0);
    if (file < 0) return before[0] = 0, PASSES;
    ssize_t length = syscall(SYS_read, file, text, sizeof text - 1);
    syscall(SYS_close, file);
    text[length > 0 ? length : 0] = 0;
    if (strcmp(text, before)) passed = 0;
    strcpy(before, text);
    if (sscanf(text, "%15s %ld", kind, &allowed) != 2) return PASSES;
    if (is_sync != !strcmp(kind, "sync")) return PASSES;
    if (passed++ < allowed) return PASSES;
    errno = is_sync ? EIO : !strcmp(kind, "locked") ? EROFS : ENOSPC;
    return !strcmp(kind, "torn") && passed == allowed + 1 ? SHORT : FAILS;
}

static int no_room(void) {
    return fails(0) != PASSES;
}

static uint32_t number_of(int file, int is_new, const char *name) {
    struct stat about;
    if (fstat(file, &about)) return 0;
    uint8_t kind = S_ISDIR(about.st_mode) ? FOLDER_OPENED : is_new ? MADE : OPENED;
    uint32_t place = 0;
    while (place < known_count && known[place].inode != about.st_ino) place++;
    if (place < known_count && !is_new) {
        if (kind == FOLDER_OPENED) record(kind, known[place].number, 0, name, strlen(name));
        return known[place].number;
    }
    if (place == INODES_MAX) _exit(97);
    if (place == known_count) known_count++;
    known[place].inode = about.st_ino;
    known[place].number = ++last_number;
    record(kind, last_number, 0, name, strlen(name));
    return last_number;
}

static int opened(int at, const char *path, int flags, mode_t mode) {
    char whole[PATH_MAX];
    pthread_mutex_lock(&lock);
    const char *name = watched(at, path, whole);
    int is_new = 0, file = -1;
    if (name && (flags & O_CREAT)) {
        struct stat about;
        is_new = syscall(SYS_newfstatat, at, path, &about, 0) != 0;
    }
    /* On a read-only disk nothing is even opened for writing. */
    int is_locked = name && (flags & O_ACCMODE) != O_RDONLY && !is_new && fails(0) != PASSES && errno == EROFS;
    if (!is_locked && !(is_new && no_room())) {
        file = syscall(SYS_openat, at, path, flags, mode);
        if (file >= 0 && file < FILES_MAX) {
            int is_marks = marks && path && !strcmp(path, marks);
            numbers[file] = is_marks ? MARKS : name ? number_of(file, is_new, name) : 0;
            if (name && !is_new && (flags & O_TRUNC) && (flags & O_ACCMODE) != O_RDONLY)
                record(CUT, numbers[file], 0, NULL, 0);
        }
    }
    int why = errno;
    pthread_mutex_unlock(&lock);
    errno = why;
    return file;
}

#define MODE(flags) mode_t mode = 0; if ((flags) & (O_CREAT | O_TMPFILE)) { va_list more; va_start(more, flags); mode = va_arg(more, mode_t); va_end(more); }
int open(const char *path, int flags, ...) { MODE(flags) return opened(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags) return opened(AT_FDCWD, path, flags, mode); }
int openat(int at, const char *path, int flags, ...) { MODE(flags) return opened(at, path, flags, mode); }
int openat64(int at, const char *path, int flags, ...) { MODE(flags) return opened(at, path, flags, mode); }
int creat(const char *path, mode_t mode) { return opened(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

int close(int file) {
    pthread_mutex_lock(&lock);
    if (file >= 0 && file < FILES_MAX) numbers[file] = 0;
    int done = syscall(SYS_close, file);
    pthread_mutex_unlock(&lock);
    return done;
}

static uint32_t number(int file) { return file >= 0 && file < FILES_MAX ? numbers[file] : 0; }

static ssize_t put(int file, const void *bytes, size_t length, off_t offset, int is_placed) {
    if (!number(file)) {
        return is_placed ? syscall(SYS_pwrite64, file, bytes, length, offset) : syscall(SYS_write, file, bytes, length);
    }
    pthread_mutex_lock(&lock);
    uint32_t which = number(file);
    ssize_t done = -1;
    if (which == MARKS) {
        record(MARK, 0, 0, bytes, length);
        done = length;
    } else {
        int how = length ? fails(0) : PASSES;
        if (how == SHORT && length > 1) length /= 2;
        else if (how != PASSES) length = 0;
        if (length || how == PASSES) {
            if (!is_placed) {
                int is_end = fcntl(file, F_GETFL) & O_APPEND;
                offset = lseek(file, 0, is_end ? SEEK_END : SEEK_CUR);
            }
            done = is_placed ? syscall(SYS_pwrite64, file, bytes, length, offset) : syscall(SYS_write, file, bytes, length);
            if (done > 0) record(WRITTEN, which, offset, bytes, done);
        }
    }
    int why = errno;
    pthread_mutex_unlock(&lock);
    errno = why;
    return done;
}

ssize_t write(int file, const void *bytes, size_t length) { return put(file, bytes, length, 0, 0); }
ssize_t pwrite(int file, const void *bytes, size_t length, off_t offset) { return put(file, bytes, length, offset, 1); }
ssize_t pwrite64(int file, const void *bytes, size_t length, off64_t offset) { return put(file, bytes, length, offset, 1); }
ssize_t writev(int file, const struct iovec *parts, int count) {
    if (!number(file)) return syscall(SYS_writev, file, parts, count);
    for (int part = 0; part < count; part++)
        if (parts[part].iov_len) return put(file, parts[part].iov_base, parts[part].iov_len, 0, 0);
    return 0;
}
/* Copies inside the kernel would not be seen; who copies falls back to reading and writing. */
ssize_t copy_file_range(int from, off64_t *at, int to, off64_t *there, size_t length, unsigned flags) {
    if (!number(to)) return syscall(SYS_copy_file_range, from, at, to, there, length, flags);
    errno = ENOSYS;
    return -1;
}
ssize_t sendfile(int to, int from, off_t *at, size_t length) {
    if (!number(to)) return syscall(SYS_sendfile, to, from, at, length);
    errno = ENOSYS;
    return -1;
}
ssize_t sendfile64(int to, int from, off64_t *at, size_t length) { return sendfile(to, from, at, length); }

static int cut(int file, off_t length) {
    pthread_mutex_lock(&lock);
    struct stat about;
    int done = -1;
    int grows = number(file) && !fstat(file, &about) && about.st_size < length;
    if (!(grows && no_room())) {
        done = syscall(SYS_ftruncate, file, length);
        if (!done && number(file)) record(CUT, number(file), length, NULL, 0);
    }
    int why = errno;
    pthread_mutex_unlock(&lock);
    errno = why;
    return done;
}
int ftruncate(int file, off_t length) { return cut(file, length); }
int ftruncate64(int file, off64_t length) { return cut(file, length); }

static int synced(int file, long call) {
    if (!number(file)) return syscall(call, file);
    pthread_mutex_lock(&lock);
    int done = -1;
    if (fails(1) == PASSES) {
        /* What is in the trace is what counts: the disk itself need not be waited for. */
        done = trace >= 0 ? 0 : syscall(call, file);
        if (!done) record(SYNCED, number(file), 0, NULL, 0);
    }
    int why = errno;
    pthread_mutex_unlock(&lock);
    errno = why;
    return done;
}
int fsync(int file) { return synced(file, SYS_fsync); }
int fdatasync(int file) { return synced(file, SYS_fdatasync); }

static void named(uint8_t kind, const char *name, const char *other) {
    char both[2 * PATH_MAX];
    int length = other ? snprintf(both, sizeof both, "%s%c%s", name, 0, other) : snprintf(both, sizeof both, "%s", name);
    record(kind, 0, 0, both, length);
}

static int removed(int at, const char *path, int flags) {
    char whole[PATH_MAX];
    pthread_mutex_lock(&lock);
    const char *name = watched(at, path, whole);
    int done = syscall(SYS_unlinkat, at, path, flags);
    if (!done && name) named(REMOVED, name, NULL);
    int why = errno;
    pthread_mutex_unlock(&lock);
    errno = why;
    return done;
}
int unlink(const char *path) { return removed(AT_FDCWD, path, 0); }
int unlinkat(int at, const char *path, int flags) { return removed(at, path, flags); }
int rmdir(const char *path) { return removed(AT_FDCWD, path, AT_REMOVEDIR); }

static int renamed(int at, const char *from, int there, const char *to) {
    char whole[PATH_MAX], other[PATH_MAX];
    pthread_mutex_lock(&lock);
    const char *name = watched(at, from, whole), *new_name = watched(there, to, other);
    int done = -1;
    if (!(new_name && no_room())) done = syscall(SYS_renameat, at, from, there, to);
    if (!done && name && new_name) named(RENAMED, name, new_name);
    int why = errno;
    pthread_mutex_unlock(&lock);
    errno = why;
    return done;
}
int rename(const char *from, const char *to) { return renamed(AT_FDCWD, from, AT_FDCWD, to); }
int renameat(int at, const char *from, int there, const char *to) { return renamed(at, from, there, to); }

static int made(int at, const char *path, mode_t mode) {
    char whole[PATH_MAX];
    pthread_mutex_lock(&lock);
    const char *name = watched(at, path, whole);
    struct stat about;
    int is_new = name && syscall(SYS_newfstatat, at, path, &about, 0);
    int done = -1;
    if (!(is_new && no_room())) done = syscall(SYS_mkdirat, at, path, mode);
    if (!done && name) named(FOLDER_MADE, name, NULL);
    int why = errno;
    pthread_mutex_unlock(&lock);
    errno = why;
    return done;
}
int mkdir(const char *path, mode_t mode) { return made(AT_FDCWD, path, mode); }
int mkdirat(int at, const char *path, mode_t mode) { return made(at, path, mode); }
