#pragma once
// What Glibc's Swift module does not show (epoll, eventfd, accept4, …), as plain functions.
#include "confinement.h"
#include <spawn.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/socket.h>

#define CPX_IN 0x001u
#define CPX_OUT 0x004u
#define CPX_ERR 0x008u
#define CPX_HUP 0x010u
#define CPX_RDHUP 0x2000u
#define CPX_ONESHOT (1u << 30)
#define CPX_EDGE (1u << 31)

struct cpx_event { uint32_t events; uint64_t token; };

int cpx_epoll_create(void);
/// op: 1 add, 2 remove, 3 modify
int cpx_epoll_ctl(int epoll, int op, int fd, uint32_t events, uint64_t token);
int cpx_epoll_wait(int epoll, struct cpx_event *events, int capacity, int timeout_ms);
/// The same with a finer patience (epoll_pwait2).
int cpx_epoll_wait_us(int epoll, struct cpx_event *events, int capacity, long timeout_us);
int cpx_eventfd(void);
/// TCP, non-blocking, close-on-exec.
int cpx_stream_socket(int family);
/// Non-blocking, close-on-exec.
int cpx_accept(int listener, struct sockaddr_storage *address, socklen_t *length);
int cpx_pipe(int fds[2]);
void cpx_thread_name(const char *name);
/// The spawned process gets no descriptor from `from` on, whatever its flags say.
int cpx_spawn_close_from(posix_spawn_file_actions_t *actions, int from);
/// Where `what` begins in `where`; null when it is not there.
const void *cpx_find(const void *where, size_t length, const void *what, size_t count);
int cpx_errno(void);
/// From now on SIGTERM and SIGINT make this descriptor readable instead of ending the process. A handler and not a signalfd:
/// the Swift runtime's worker threads do not keep signals blocked. Non-blocking, close-on-exec; -1 on failure. Call once.
int cpx_stop_descriptor(void);
