#define _GNU_SOURCE
#include "include/confinement.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int closed(int descriptor) {
    if (descriptor < 0) return errno;
    close(descriptor);
    return 0;
}

static int of_parent(char *path, size_t size, const char *file) { return snprintf(path, size, "/proc/%d/%s", (int)getppid(), file); }

static int read_passwords(void) { return closed(open("/etc/passwd", O_RDONLY | O_CLOEXEC)); }
static int list_root(void) {
    int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return closed(root);
}
static int read_parent_environment(void) {
    char path[64];
    of_parent(path, sizeof path, "environ");
    return closed(open(path, O_RDONLY | O_CLOEXEC));
}
static int list_parent_descriptors(void) {
    char path[64];
    of_parent(path, sizeof path, "fd");
    return closed(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}
static int write_file(void) {
    char path[64];
    snprintf(path, sizeof path, "/tmp/shao-attempt-%d", (int)getpid());
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) return errno;
    unlink(path);
    return closed(file);
}
static int make_directory(void) {
    char path[64];
    snprintf(path, sizeof path, "/tmp/shao-attempt-%d.d", (int)getpid());
    if (mkdir(path, 0700)) return errno;
    rmdir(path);
    return 0;
}
static int look_at_file(void) {
    struct stat facts;
    return stat("/etc/hostname", &facts) && stat("/etc/passwd", &facts) ? errno : 0;
}

static int internet_socket(void) { return closed(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)); }
static int datagram_socket(void) { return closed(socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0)); }
static int unix_socket(void) { return closed(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)); }
static int socket_pair(void) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) return errno;
    close(pair[0]);
    return closed(pair[1]);
}
/// Nobody listens on port 9: a connection that is refused was tried.
static int connection(void) {
    int other = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in discard = {.sin_family = AF_INET, .sin_port = htons(9), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int descriptor = other < 0 ? STDIN_FILENO : other;
    int failure = connect(descriptor, (struct sockaddr *)&discard, sizeof discard) ? errno : 0;
    if (other >= 0) close(other);
    return failure == ECONNREFUSED ? 0 : failure;
}

/// There is no such program: where programs may be started the kernel looks for it.
static int start_program(void) {
    char *arguments[] = {"photo", NULL}, *environment[] = {NULL};
    execve("/nonexistent/photo", arguments, environment);
    return errno == ENOENT ? 0 : errno;
}
static int start_process(void) {
    pid_t child = fork();
    if (child < 0) return errno;
    if (child == 0) _exit(0);
    waitpid(child, NULL, 0);
    return 0;
}
static int signal_parent(void) { return kill(getppid(), 0) ? errno : 0; }
/// No such process: where others may be traced the kernel looks for it.
static int trace_process(void) {
    ptrace(PTRACE_CONT, 0x3fffffff, NULL, NULL);
    return errno == ESRCH ? 0 : errno;
}
static int read_foreign_memory(void) {
    char from = 1, to = 0;
    struct iovec here = {&to, 1}, there = {&from, 1};
    return process_vm_readv(getpid(), &here, 1, &there, 1, 0) == 1 ? 0 : errno;
}
static int make_code(void) {
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return errno;
    munmap(page, 4096);
    return 0;
}
static int memory_file(void) { return closed(memfd_create("photo", MFD_CLOEXEC)); }
/// -1 is no namespace: where one may be entered the kernel says just that.
static int enter_namespace(void) {
    setns(-1, 0);
    return errno == EBADF ? 0 : errno;
}

static const struct { struct cpx_attempt what; int (*attempt)(void); } attempts[] = {
    {{"read /etc/passwd", CPX_REACH_FILES}, read_passwords},
    {{"list the root directory", CPX_REACH_FILES}, list_root},
    {{"read the service's environment", CPX_REACH_FILES}, read_parent_environment},
    {{"list the service's open files", CPX_REACH_FILES}, list_parent_descriptors},
    {{"write a file", CPX_REACH_FILES}, write_file},
    {{"make a directory", CPX_REACH_FILES}, make_directory},
    {{"look at a file", CPX_REACH_FILES}, look_at_file},
    {{"open a TCP socket", CPX_REACH_NETWORK}, internet_socket},
    {{"open a UDP socket", CPX_REACH_NETWORK}, datagram_socket},
    {{"open a Unix socket", CPX_REACH_NETWORK}, unix_socket},
    {{"make a pair of sockets", CPX_REACH_NETWORK}, socket_pair},
    {{"connect", CPX_REACH_NETWORK}, connection},
    {{"start a program", CPX_REACH_PROCESSES}, start_program},
    {{"start a process", CPX_REACH_PROCESSES}, start_process},
    {{"signal the service", CPX_REACH_PROCESSES}, signal_parent},
    {{"trace a process", CPX_REACH_PROCESSES}, trace_process},
    {{"read memory of a process", CPX_REACH_PROCESSES}, read_foreign_memory},
    {{"make memory executable", CPX_REACH_PROCESSES}, make_code},
    {{"make a file in memory", CPX_REACH_PROCESSES}, memory_file},
    {{"enter a namespace", CPX_REACH_PROCESSES}, enter_namespace},
};

int cpx_attempt_count(void) { return sizeof attempts / sizeof *attempts; }
struct cpx_attempt cpx_attempt_at(int index) { return attempts[index].what; }
int cpx_try(int index) {
    errno = 0;
    return attempts[index].attempt();
}
