#define _GNU_SOURCE
#include "include/confinement.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// MARK: Surroundings

// Landlock's numbers are the same on every architecture; Debian 12's headers know the first version only.
enum { LANDLOCK_CREATE = 444, LANDLOCK_RESTRICT = 446 };
struct landlock_attributes { uint64_t files, network, scopes; };

/// A rule set that handles every access the kernel knows and allows none.
static int landlock(void) {
    long version = syscall(LANDLOCK_CREATE, NULL, 0, 1u);
    if (version < 1) return 0;
    struct landlock_attributes all = {.files = (1u << 13) - 1};
    size_t size = sizeof all.files;
    if (version >= 2) all.files |= 1u << 13;
    if (version >= 3) all.files |= 1u << 14;
    if (version >= 5) all.files |= 1u << 15;
    if (version >= 4) { all.network = 3; size += sizeof all.network; }
    if (version >= 6) { all.scopes = 3; size += sizeof all.scopes; }
    int rules = (int)syscall(LANDLOCK_CREATE, &all, size, 0u);
    if (rules < 0) return 0;
    long failed = syscall(LANDLOCK_RESTRICT, rules, 0u);
    close(rules);
    return failed ? 0 : (int)version;
}

/// A directory that is already removed: nothing is in it and nothing can be made in it.
static int removed_directory(void) {
    char path[] = "/tmp/shao-empty-XXXXXX";
    if (!mkdtemp(path)) return -1;
    int directory = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    rmdir(path);
    return directory;
}

static int enter(int directory) {
    if (directory < 0) return 0;
    int entered = fchdir(directory) == 0 && chroot(".") == 0;
    close(directory);
    return entered;
}

/// Above every range that distributions and systemd give out, and no two processes of a machine have the same.
enum { FIRST_USER = 1900000000, NOBODY = 65534 };

static int become(uid_t user) {
    return setgroups(0, NULL) == 0 && setresgid(user, user, user) == 0 && setresuid(user, user, user) == 0;
}

static void drop_capabilities(void) {
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2] = {0};
    syscall(SYS_capset, &head, none);
}

/// A crash ends the process: a handler of the language's runtime could not do its work any more, and would begin again and again.
static void die_of_crashes(void) {
    static const int crashes[] = {SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS, SIGXCPU};
    for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++) signal(crashes[i], SIG_DFL);
}

struct cpx_surroundings cpx_leave_surroundings(void) {
    struct cpx_surroundings left = {0};
    die_of_crashes();
    int is_root = geteuid() == 0;
    int nothing = removed_directory();
    // Another user may do this inside a user namespace of its own, where the machine lets it.
    int spaces = CLONE_NEWNET | CLONE_NEWIPC | (is_root ? 0 : CLONE_NEWUSER);
    left.own_network = unshare(spaces) == 0;
    left.empty_root = enter(nothing);
    // A container may map few users: then nobody, who at least owns nothing.
    if (is_root && become(FIRST_USER + (uid_t)getpid())) {
        // Of this user the kernel counts the threads of this one process.
        struct rlimit threads = {64, 64};
        setrlimit(RLIMIT_NPROC, &threads);
    } else if (is_root) {
        (void)!become(NOBODY);
    }
    drop_capabilities();
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    left.no_new_privileges = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
    left.landlock = landlock();
    struct rlimit standard_three = {3, 3};
    setrlimit(RLIMIT_NOFILE, &standard_three);
    left.user = getuid();
    return left;
}

// MARK: Calls

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
// Numbers from here on are those of the x32 interface.
#define CALLS_END 0x40000000u
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#define CALLS_END 0x7fffffffu
#else
#define ARCHITECTURE 0u
#define CALLS_END 0u
#endif

// What pthread_create of glibc asks of clone: a thread, never a process.
#define THREAD_FLAGS                                                                                              \
    (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SYSVSEM | CLONE_SIGHAND | CLONE_THREAD | CLONE_SETTLS |            \
     CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)
#define NAME_OF_MEMORY 0x53564d41 // PR_SET_VMA, which newer glibc calls

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
// The low half: both architectures are little-endian, and the kernel takes no more of these arguments.
#define ARGUMENT(n) LOAD(args[n])
#define IF(what, value, yes, no) BPF_JUMP(BPF_JMP | BPF_##what | BPF_K, value, yes, no)
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define FAIL(error) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error))
#define KILL BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)
// The statements of one call, which end in a return; another call goes past them.
#define ON(call, count) IF(JEQ, __NR_##call, 0, count)
#define ALWAYS(call) ON(call, 1), ALLOW

// Whatever their arguments.
#define PLAIN_CALLS(X)                                                                                             \
    X(munmap) X(mremap) X(brk) X(madvise) X(rt_sigprocmask) X(sched_yield) X(sched_getaffinity) X(set_robust_list) \
    X(rseq) X(getrusage) X(clock_gettime) X(getrandom) X(restart_syscall) X(exit) X(exit_group)

static const int checked_calls[] = {__NR_read, __NR_write, __NR_mmap, __NR_mprotect, __NR_clone, __NR_futex, __NR_prctl,
                                    __NR_prlimit64};
#define NUMBER(call) __NR_##call,
static const int plain_calls[] = {PLAIN_CALLS(NUMBER)};
enum { CHECKED = sizeof checked_calls / sizeof *checked_calls, PLAIN = sizeof plain_calls / sizeof *plain_calls };

#define PLAIN_CALL(call) ALWAYS(call),
static struct sock_filter calls_of_decoding[] = {
    LOAD(arch), IF(JEQ, ARCHITECTURE, 1, 0), KILL,
    LOAD(nr), IF(JGE, CALLS_END, 0, 1), KILL,
    // The parent's socket alone, which is descriptors 0 and 1; 2 leads nowhere.
    ON(read, 4), ARGUMENT(0), IF(JEQ, 0, 0, 1), ALLOW, FAIL(EPERM),
    ON(write, 5), ARGUMENT(0), IF(JEQ, 1, 1, 0), IF(JEQ, 2, 0, 1), ALLOW, FAIL(EPERM),
    // Waits and wakes of mutexes and conditions; none that lends priorities.
    ON(futex, 8), ARGUMENT(1), BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0x7f), IF(JGT, 10, 4, 0), IF(JEQ, 6, 3, 0), IF(JEQ, 7, 2, 0),
    IF(JEQ, 8, 1, 0), ALLOW, FAIL(EPERM),
    // Memory of its own, in which no foreign byte becomes code.
    ON(mmap, 6), ARGUMENT(2), IF(JSET, PROT_EXEC, 3, 0), ARGUMENT(3), IF(JSET, MAP_ANONYMOUS, 0, 1), ALLOW, FAIL(EPERM),
    ON(mprotect, 4), ARGUMENT(2), IF(JSET, PROT_EXEC, 1, 0), ALLOW, FAIL(EPERM),
    PLAIN_CALLS(PLAIN_CALL)
    ON(clone, 4), ARGUMENT(0), IF(JEQ, THREAD_FLAGS, 0, 1), ALLOW, FAIL(EPERM),
    // Its flags lie in memory, which a filter cannot read: without it glibc uses clone.
    ON(clone3, 1), FAIL(ENOSYS),
    ON(prctl, 5), ARGUMENT(0), IF(JEQ, PR_SET_NAME, 1, 0), IF(JEQ, NAME_OF_MEMORY, 0, 1), ALLOW, FAIL(EPERM),
    // Its own processor time from photo to photo.
    ON(prlimit64, 6), ARGUMENT(0), IF(JEQ, 0, 0, 3), ARGUMENT(1), IF(JEQ, RLIMIT_CPU, 0, 1), ALLOW, FAIL(EPERM),
    FAIL(EPERM),
};

int cpx_allow_calls_of_decoding(void) {
    struct sock_fprog program = {sizeof calls_of_decoding / sizeof *calls_of_decoding, calls_of_decoding};
    if (ARCHITECTURE == 0) return ENOSYS;
    long result = syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program);
    // A positive number is a thread that could not be brought along.
    return result == 0 ? 0 : result > 0 ? EBUSY : errno;
}

int cpx_calls_allowed(void) { return CHECKED + PLAIN; }

static int is_plain(int call) {
    for (int i = 0; i < PLAIN; i++)
        if (plain_calls[i] == call) return 1;
    return 0;
}

int cpx_calls_beyond(void) {
    int beyond = 0;
    // Beyond the newest number there is room for those to come.
    for (int call = 0; call < 512; call++) {
        if (is_plain(call)) continue;
#if defined(__x86_64__)
        // uretprobe and uprobe: for the kernel's own trampolines, which it asks no filter about; anybody else gets SIGILL.
        if (call == 335 || call == 336) continue;
#endif
        errno = 0;
        long result = syscall(call, -1L, -1L, -1L, -1L, -1L, -1L);
        if (!(result == -1 && (errno == EPERM || (errno == ENOSYS && call == __NR_clone3)))) beyond++;
    }
    return beyond;
}
