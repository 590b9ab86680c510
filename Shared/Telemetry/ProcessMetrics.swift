import Glibc

/// What the kernel knows of this process, under the names that Prometheus' own clients use.
public enum ProcessMetrics {
    /// Read at each rendering; what cannot be read keeps its last value.
    public static func collect(into metrics: MetricsRegistry) {
        let processor = metrics.reading("process_cpu_seconds_total", "Processor time used, in seconds.")
        let resident = metrics.gauge("process_resident_memory_bytes", "Memory in use, in bytes.")
        let open = metrics.gauge("process_open_fds", "Descriptors open now.")
        let most = metrics.gauge("process_max_fds", "Descriptors that may be open.")
        metrics.gauge("process_start_time_seconds", "When this process began to count, since 1970.").set(now())
        metrics.collect {
            var used = rusage()
            if getrusage(RUSAGE_SELF.rawValue, &used) == 0 { processor.set(seconds(used.ru_utime) + seconds(used.ru_stime)) }
            if let pages = residentPages() { resident.set(Double(pages) * Double(sysconf(Int32(_SC_PAGESIZE)))) }
            if let count = descriptors() { open.set(Double(count)) }
            var limit = rlimit()
            if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 { most.set(Double(limit.rlim_cur)) }
        }
    }

    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }

    /// The second number of `/proc/self/statm`.
    private static func residentPages() -> Int? {
        guard let file = fopen("/proc/self/statm", "re") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        guard fgets(&line, Int32(line.count), file) != nil else { return nil }
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let numbers = text.split(separator: " ")
        return numbers.count > 1 ? Int(numbers[1]) : nil
    }

    /// Without the one that the counting itself opens.
    private static func descriptors() -> Int? {
        guard let folder = opendir("/proc/self/fd") else { return nil }
        defer { closedir(folder) }
        var count = 0
        while let entry = readdir(folder) { if entry.pointee.d_name.0 != 46 { count += 1 } }
        return count - 1
    }
}
