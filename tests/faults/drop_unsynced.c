/*
 * A power cut for tests: keeps, beside a directory tree, what of it has certainly reached the disk.
 *
 *   cc -shared -fPIC -o drop_unsynced.so drop_unsynced.c
 *   DOUANE_FAULT_ROOT=/real/tree DOUANE_FAULT_SHADOW=/shadow LD_PRELOAD=./drop_unsynced.so program
 *
 * The process is killed with SIGKILL and the shadow takes the place of the tree: everything not synced is gone. Both
 * paths are absolute, without symbolic links, on one file system; the shadow exists and lies outside the root.
 *
 *   shadow/names/PATH    a symbolic link for each name that is durable, to ...
 *   shadow/files/ID      ... the content of that file as of its last sync. ID is inode and time of birth.
 *
 * Only fsync and fdatasync are intercepted; what they make durable is read from the tree itself at that moment:
 *
 *   sync of a file       its content, its present name and the directories above it (one ext4 journal commit), and the
 *                        end of a name it had before in the same directory (a rename is atomic)
 *   sync of a directory  the names in it: new ones, ended ones, replaced ones. A file never synced itself is empty
 *
 * All else stays as it was last synced. sync_file_range, msync, O_SYNC and sync(2) make nothing durable here; a program
 * that relies on them loses data it might have kept, never the other way round. What other threads write meanwhile may
 * be kept with it, as a disk may. "-shm" files are memory, no data. Directories that are removed stay.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ROOM (2 * PATH_MAX)

static const char *root, *shadow;

__attribute__((constructor)) static void begin(void)
{
    root = getenv("DOUANE_FAULT_ROOT");
    shadow = getenv("DOUANE_FAULT_SHADOW");
}

/* A shadow that cannot be kept would make the test lie: stop at once. */
static void must(int holds, const char *what, const char *path)
{
    if (!holds) {
        dprintf(2, "drop_unsynced: %s %s: %s\n", what, path, strerror(errno));
        abort();
    }
}

static void make_dirs(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        must(mkdir(path, 0700) == 0 || errno == EEXIST, "mkdir", path);
        *slash = '/';
    }
}

/* Where the content of a file is kept. An inode used again for another file has another time of birth. */
static int content_path(char *out, int at, const char *name, int flags)
{
    struct statx stat;
    if (statx(at, name, flags, STATX_INO | STATX_BTIME, &stat) != 0)
        return 0; /* removed this moment */
    snprintf(out, ROOM, "%s/files/%llu-%lld-%u", shadow, (unsigned long long)stat.stx_ino,
             (long long)stat.stx_btime.tv_sec, stat.stx_btime.tv_nsec);
    make_dirs(out);
    return 1;
}

static void copy_bytes(int from, int to, off_t start, off_t end, const char *path)
{
    while (start < end) {
        off_t here = start;
        ssize_t copied = copy_file_range(from, &here, to, NULL, (size_t)(end - start), 0);
        must(copied >= 0, "copy", path);
        if (copied == 0)
            return; /* cut meanwhile */
        start += copied;
    }
}

/* Only the writer of the log names files so; it never changes what is before the end. */
static int only_grows(const char *path)
{
    size_t length = strlen(path);
    return length > 4 && strcmp(path + length - 4, ".seg") == 0;
}

/* Adds to the kept content what the file has grown by; a kill in the middle leaves a torn end, as a power cut may. */
static int keep_growth(int from, off_t size, const char *content)
{
    char before[512], now[512];
    int to = open(content, O_RDWR | O_CLOEXEC);
    if (to < 0)
        return 0;
    off_t kept = lseek(to, 0, SEEK_END);
    size_t length = kept < 512 ? (size_t)kept : sizeof before;
    off_t tail = kept - (off_t)length;
    int grew = kept <= size && pread(to, before, length, tail) == (ssize_t)length &&
               pread(from, now, length, tail) == (ssize_t)length && memcmp(before, now, length) == 0;
    if (grew)
        copy_bytes(from, to, kept, size, content);
    close(to);
    return grew;
}

/* Whole or not at all: a kill in the middle leaves the content of the sync before. */
static void keep_content(int from, const struct stat *stat, const char *path, const char *content)
{
    char fresh[ROOM + 8];
    if (only_grows(path) && keep_growth(from, stat->st_size, content))
        return;
    snprintf(fresh, sizeof fresh, "%s.new", content);
    int to = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    must(to >= 0, "open", fresh);
    copy_bytes(from, to, 0, stat->st_size, path);
    must(fchmod(to, stat->st_mode & 07777) == 0 && close(to) == 0, "write", fresh);
    must(rename(fresh, content) == 0, "rename", content);
}

/* Makes a name stand for a content, atomically. */
static void keep_name(const char *name, const char *content)
{
    char there[ROOM], fresh[ROOM + 8];
    ssize_t length = readlink(name, there, sizeof there - 1);
    if (length >= 0 && (size_t)length == strlen(content) && memcmp(there, content, (size_t)length) == 0)
        return;
    snprintf(fresh, sizeof fresh, "%s/fresh-link", shadow);
    must(unlink(fresh) == 0 || errno == ENOENT, "unlink", fresh);
    must(symlink(content, fresh) == 0, "link", fresh);
    must(rename(fresh, name) == 0, "rename", name);
}

static int is_passing(const char *name)
{
    size_t length = strlen(name);
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || (length > 4 && strcmp(name + length - 4, "-shm") == 0);
}

/* Drops names that have ended in `path`; with `content`, only those that stand for it. */
static void drop_ended(const char *path, const char *names, const char *content)
{
    DIR *dir = opendir(names);
    must(dir != NULL, "opendir", names);
    for (struct dirent *entry; (entry = readdir(dir));) {
        char real[ROOM + 260], kept[ROOM + 260], there[ROOM];
        struct stat stat;
        snprintf(real, sizeof real, "%s/%s", path, entry->d_name);
        snprintf(kept, sizeof kept, "%s/%s", names, entry->d_name);
        ssize_t length = readlink(kept, there, sizeof there - 1);
        if (length < 0 || (content && ((size_t)length != strlen(content) || memcmp(there, content, (size_t)length))))
            continue;
        if (lstat(real, &stat) != 0 && errno == ENOENT)
            must(unlink(kept) == 0, "unlink", kept);
    }
    closedir(dir);
}

/* `link` opens the very file that was synced, whatever its name is by now and however it was opened. */
static void keep_file(const char *link, const struct stat *stat, char *path, char *names)
{
    char content[ROOM];
    struct stat named;
    if (is_passing(strrchr(path, '/') + 1) || !content_path(content, AT_FDCWD, link, 0))
        return;
    int from = open(link, O_RDONLY | O_CLOEXEC);
    must(from >= 0, "open", path);
    keep_content(from, stat, path, content);
    close(from);
    if (lstat(path, &named) != 0 || named.st_ino != stat->st_ino)
        return; /* renamed or removed this moment; the sync of that will tell */
    make_dirs(names);
    keep_name(names, content);
    *strrchr(path, '/') = 0;
    *strrchr(names, '/') = 0;
    drop_ended(path, names, content);
}

static void keep_dir(const char *path, char *names)
{
    strcat(names, "/");
    make_dirs(names);
    DIR *dir = opendir(path);
    must(dir != NULL, "opendir", path);
    for (struct dirent *entry; (entry = readdir(dir));) {
        char content[ROOM], name[ROOM + 260];
        struct stat stat;
        if (is_passing(entry->d_name) || fstatat(dirfd(dir), entry->d_name, &stat, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        snprintf(name, sizeof name, "%s%s", names, entry->d_name);
        if (S_ISDIR(stat.st_mode))
            must(mkdir(name, 0700) == 0 || errno == EEXIST, "mkdir", name);
        if (!S_ISREG(stat.st_mode) || !content_path(content, dirfd(dir), entry->d_name, AT_SYMLINK_NOFOLLOW))
            continue;
        int empty = open(content, O_WRONLY | O_CREAT | O_CLOEXEC, stat.st_mode & 07777);
        must(empty >= 0 && close(empty) == 0, "create", content);
        keep_name(name, content);
    }
    closedir(dir);
    drop_ended(path, names, NULL);
}

static void keep(int fd)
{
    char link[64], path[PATH_MAX], names[ROOM], lock[ROOM];
    struct stat stat;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    size_t below = root ? strlen(root) : 0;
    if (!root || !shadow || length < (ssize_t)below)
        return;
    path[length] = 0;
    if (strncmp(path, root, below) != 0 || (path[below] != '/' && path[below] != 0) || fstat(fd, &stat) != 0)
        return;
    snprintf(names, sizeof names, "%s/names%s", shadow, path + below);
    snprintf(lock, sizeof lock, "%s/lock", shadow);
    int held = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    must(held >= 0 && flock(held, LOCK_EX) == 0, "lock", lock);
    if (S_ISDIR(stat.st_mode))
        keep_dir(path, names);
    else if (S_ISREG(stat.st_mode))
        keep_file(link, &stat, path, names);
    close(held);
}

static int synced(long call, int fd)
{
    int result = (int)syscall(call, fd);
    int error = errno;
    if (result == 0)
        keep(fd);
    errno = error;
    return result;
}

int fsync(int fd)
{
    return synced(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    return synced(SYS_fdatasync, fd);
}
