#define _GNU_SOURCE
#include "include/cposix.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <string.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

int cpx_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

int cpx_epoll_ctl(int epoll, int op, int fd, uint32_t events, uint64_t token) {
    struct epoll_event e = {.events = events, .data = {.u64 = token}};
    return epoll_ctl(epoll, op, fd, &e);
}

static int copied(struct cpx_event *out, const struct epoll_event *events, int n) {
    for (int i = 0; i < n; i++) {
        out[i].events = events[i].events;
        out[i].token = events[i].data.u64;
    }
    return n;
}

int cpx_epoll_wait(int epoll, struct cpx_event *out, int capacity, int timeout_ms) {
    struct epoll_event events[256];
    if (capacity > 256) capacity = 256;
    return copied(out, events, epoll_wait(epoll, events, capacity, timeout_ms));
}

int cpx_epoll_wait_us(int epoll, struct cpx_event *out, int capacity, long timeout_us) {
    struct epoll_event events[256];
    struct timespec patience = {.tv_sec = timeout_us / 1000000, .tv_nsec = timeout_us % 1000000 * 1000};
    if (capacity > 256) capacity = 256;
    return copied(out, events, epoll_pwait2(epoll, events, capacity, &patience, 0));
}

int cpx_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

int cpx_stream_socket(int family) { return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); }

int cpx_accept(int listener, struct sockaddr_storage *address, socklen_t *length) {
    return accept4(listener, (struct sockaddr *)address, length, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

int cpx_pipe(int fds[2]) { return pipe2(fds, O_CLOEXEC | O_NONBLOCK); }

void cpx_thread_name(const char *name) { pthread_setname_np(pthread_self(), name); }

int cpx_spawn_close_from(posix_spawn_file_actions_t *actions, int from) {
    return posix_spawn_file_actions_addclosefrom_np(actions, from);
}

const void *cpx_find(const void *where, size_t length, const void *what, size_t count) { return memmem(where, length, what, count); }

int cpx_errno(void) { return errno; }

static int stop_descriptor = -1;

static void stop_handler(int signal) {
    (void)signal;
    int saved = errno;
    uint64_t one = 1;
    ssize_t written = write(stop_descriptor, &one, sizeof one);
    (void)written;
    errno = saved;
}

int cpx_stop_descriptor(void) {
    stop_descriptor = cpx_eventfd();
    if (stop_descriptor < 0) return -1;
    struct sigaction action = {.sa_handler = stop_handler, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGTERM, &action, 0) != 0 || sigaction(SIGINT, &action, 0) != 0) return -1;
    signal(SIGPIPE, SIG_IGN);
    return stop_descriptor;
}
