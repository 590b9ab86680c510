internal import Glibc
internal import JSON

/// Writes each message as one line of JSON to a file instead of sending it: the default where no gateway is configured, so that a
/// demonstration shows what would have been sent. The file holds personal data; it is made readable by its owner only.
public struct FileChannel: Channel {
    private let path: String
    private let now: @Sendable () -> Int64

    /// - Parameters:
    ///   - path: the file, made when missing; its folder must exist.
    ///   - now: seconds since 1970.
    public init(path: String, now: @escaping @Sendable () -> Int64) {
        self.path = path
        self.now = now
    }

    public func deliver(_ message: ChannelMessage) async -> DeliveryOutcome {
        var writer = JSONWriter()
        writer.object { object in
            object.member("id", message.id)
            object.member("at", now())
            object.member("recipient", message.recipient)
            object.member("subject", message.subject)
            object.member("text", message.text)
        }
        let line = writer.bytes + [0x0a]
        let file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { return .outage(Outage(.storage)) }
        defer { close(file) }
        // One write to an appending file is not torn by another process's.
        return line.withUnsafeBytes { write(file, $0.baseAddress, $0.count) } == line.count ? .sent : .outage(Outage(.storage))
    }
}
