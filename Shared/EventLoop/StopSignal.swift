import CPosix

extension EventLoop {
    /// Returns when SIGTERM or SIGINT arrives, or the task is cancelled. From the first call on neither ends the process by
    /// itself. Once per process.
    public func firstStopSignal() async {
        let descriptor = cpx_stop_descriptor()
        guard descriptor >= 0 else { return }
        _ = try? await wait(descriptor, for: .readable)
    }
}
