import CPosix
import Glibc

/// A secret kept in a file, as deployment tools hand them out: the whole text is the secret, one line end at its end is not.
public enum SecretFile {
    /// Why a file gives no secret; says which file and what is wrong with it, never what is in it.
    public struct Failure: Error, Sendable, Hashable, CustomStringConvertible {
        public let path: String
        public let reason: String
        public var description: String { "\(path) \(reason)" }
    }

    /// Lists of hundreds of staff tokens fit; what is larger is no secret but a mistaken path.
    public static let largest = 1 << 20

    /// The file's text without its trailing line end. Throws when it is missing, unreadable, no regular file, empty, or no text. Never waits.
    public static func read(_ path: String) throws(Failure) -> String {
        func failure(_ reason: String) -> Failure { Failure(path: path, reason: reason) }
        // A FIFO that nobody writes to would keep whoever opens it waiting.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure(reason(of: cpx_errno())) }
        defer { close(descriptor) }
        var information = stat()
        guard fstat(descriptor, &information) == 0 else { throw failure(reason(of: cpx_errno())) }
        if let kind = kind(of: information.st_mode) { throw failure("is a \(kind), not a file") }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Glibc.read(descriptor, &piece, piece.count)
            if count < 0, cpx_errno() == EINTR { continue }
            guard count >= 0 else { throw failure(reason(of: cpx_errno())) }
            if count == 0 { break }
            bytes += piece.prefix(count)
            guard bytes.count <= largest else { throw failure("is larger than \(largest) bytes: is it the right file?") }
        }
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        guard !bytes.isEmpty else { throw failure("is empty") }
        guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else { throw failure("is not text in UTF-8") }
        return text
    }

    /// What it is instead of a regular file; nil for one.
    private static func kind(of mode: mode_t) -> String? {
        switch mode & S_IFMT {
        case S_IFREG: nil
        case S_IFDIR: "folder"
        case S_IFIFO: "pipe"
        case S_IFSOCK: "socket"
        default: "device"
        }
    }

    private static func reason(of number: CInt) -> String {
        switch number {
        case ENOENT, ENOTDIR: "does not exist"
        case ENXIO: "is a socket or a device, not a file"
        case EACCES, EPERM: "may not be read by this process (user \(getuid())): look at its owner and mode, and its folder's"
        default: "cannot be read: \(String(cString: strerror(number)))"
        }
    }
}
