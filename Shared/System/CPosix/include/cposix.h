#pragma once
// What Glibc's Swift module does not show (epoll, eventfd, accept4, …), as plain functions.
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
int cpx_eventfd(void);
/// Non-blocking, close-on-exec.
int cpx_accept(int listener, struct sockaddr_storage *address, socklen_t *length);
int cpx_pipe(int fds[2]);
void cpx_thread_name(const char *name);
int cpx_errno(void);
/// A signalfd for the signals (blocked in the calling thread first), non-blocking, close-on-exec.
int cpx_signalfd(const int *signals, int count);
/// The number of the signal read, 0 when none is waiting.
int cpx_signal_read(int fd);
