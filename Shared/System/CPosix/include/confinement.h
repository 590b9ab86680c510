#pragma once
// How a process that reads foreign bytes gives up what it does not need. Linux, x86_64 and aarch64.
#include <stdint.h>
#include <sys/types.h>

/// What a process gave up before it had threads.
struct cpx_surroundings {
    /// The user it now is; its own number where root started it.
    uid_t user;
    /// Landlock's version when no file can be opened any more by its rule; 0 without.
    int landlock;
    /// Whether the root directory is an empty one that no longer exists.
    int empty_root;
    /// Whether it is alone in a network of its own, without an interface that is up.
    int own_network;
    int no_new_privileges;
};

/// Its own user (where root calls), an own network, an empty root, no new privileges, no file by Landlock; each as far as
/// the kernel allows. To be called once everything is loaded and before the first thread.
struct cpx_surroundings cpx_leave_surroundings(void);

/// From now on all threads may make the calls that decoding needs, and no others: those fail with EPERM.
/// 0, or the errno of the kernel that refused.
int cpx_allow_calls_of_decoding(void);

/// Something that a confined process must not be able to do; each is harmless where it can.
enum cpx_reach { CPX_REACH_FILES = 0, CPX_REACH_NETWORK = 1, CPX_REACH_PROCESSES = 2 };
struct cpx_attempt { const char *name; enum cpx_reach reach; };
int cpx_attempt_count(void);
struct cpx_attempt cpx_attempt_at(int index);
/// 0 when it could be done, else the errno.
int cpx_try(int index);

/// Makes every system call there is, with senseless arguments, but for the two that end the process; counts those beyond
/// the ones allowed for decoding that the kernel did not answer with EPERM. For a confined process only.
int cpx_calls_beyond(void);
/// How many calls are allowed, some with certain arguments only.
int cpx_calls_allowed(void);
