internal import CVips
internal import Glibc

/// What the process may use. A photo that needs more makes an allocation fail or the process end, never the machine suffer.
enum Limits {
    /// Largest photo file in bytes; the parent refuses larger ones before sending.
    static let fileBytes = 32 << 20
    /// 60 megapixels: above any telephone's ordinary photo, and 180 MB decoded.
    static let pixels = 60_000_000
    /// Panoramas reach 16 000; beyond this only bombs.
    static let edge = 30_000

    private static let addressSpace: rlim_t = 512 << 20
    private static let secondsPerPhoto: rlim_t = 15
    private static let secondsInAll: rlim_t = 3_600

    static func apply() {
        // Whatever the parent left open: a decoder gone wrong shall find nothing but its own socket.
        closefrom(3)
        set(RLIMIT_CORE, 0, 0)
        set(RLIMIT_AS, addressSpace, addressSpace)
        set(RLIMIT_CPU, secondsPerPhoto, secondsInAll)
        set(RLIMIT_NOFILE, 32, 32)
        // No file is ever written; a write beyond the limit shall be an error, not a signal.
        signal(SIGXFSZ, SIG_IGN)
        set(RLIMIT_FSIZE, 0, 0)
        // The parent going away ends the loop by a failed write.
        signal(SIGPIPE, SIG_IGN)
        // Decoded pixels stay in memory, where the limit above holds, instead of a temporary file.
        setenv("VIPS_DISC_THRESHOLD", "1g", 1)
        // libvips 8.14 writes machine code for some loops as it runs, which a confined process must not.
        setenv("VIPS_NOVECTOR", "1", 1)
        cv_single_arena()
    }

    /// Moves the limit of processor time ahead: the kernel counts for the whole life of the process.
    static func allowOnePhoto() {
        var usage = rusage()
        guard getrusage(RUSAGE_SELF.rawValue, &usage) == 0 else { return }
        let used = rlim_t(max(0, usage.ru_utime.tv_sec)) + rlim_t(max(0, usage.ru_stime.tv_sec))
        set(RLIMIT_CPU, min(used + secondsPerPhoto, secondsInAll), secondsInAll)
    }

    private static func set(_ resource: __rlimit_resource, _ soft: rlim_t, _ hard: rlim_t) {
        var limit = rlimit(rlim_cur: soft, rlim_max: hard)
        guard setrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0 else { exit(71) }
    }
}
