internal import Glibc

/// One photo to be made small.
struct Request {
    let edge: Int
    let bytes: [UInt8]

    /// `nil` at the end of input, and when the parent breaks the protocol: then the process ends and is made anew.
    static func read() -> Request? {
        guard let edge = number(), let count = number(), count <= Limits.fileBytes, (16...8192).contains(edge) else { return nil }
        guard let bytes = Input.take(count) else { return nil }
        return Request(edge: edge, bytes: bytes)
    }

    private static func number() -> Int? { Input.take(4).map { $0.reduce(0) { $0 << 8 | Int($1) } } }
}

enum Input {
    /// `nil` when the input ends before.
    static func take(_ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = bytes.withUnsafeMutableBytes { Glibc.read(STDIN_FILENO, $0.baseAddress?.advanced(by: filled), count - filled) }
            if got > 0 {
                filled += got
            } else if got == 0 || errno != EINTR {
                return nil
            }
        }
        return bytes
    }
}

enum Output {
    /// What the parent must know before it sends a photo.
    static func hello(_ posture: String) -> Bool {
        let text = Array(posture.utf8)
        return write([2] + number(text.count) + text)
    }

    /// Whether the parent lets a photo of this size cost its pixels.
    static func maySpend(_ width: Int, _ height: Int) -> Bool {
        write([3] + number(width) + number(height)) && Input.take(1) == [1]
    }

    /// False when nobody reads any more.
    static func write(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress?.advanced(by: sent), bytes.count - sent) }
            if count >= 0 {
                sent += count
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }

    static func number(_ value: Int) -> [UInt8] {
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: value).bigEndian) { Array($0) }
    }
}

enum Answer {
    case jpeg(width: Int, height: Int, bytes: [UInt8])
    case refused(Refusal)
    /// The parent did not want it decoded.
    case left

    /// False when nobody reads any more.
    func write() -> Bool {
        var frame: [UInt8] = []
        switch self {
        case .jpeg(let width, let height, let bytes):
            frame.append(0)
            frame.append(contentsOf: Output.number(width) + Output.number(height) + Output.number(bytes.count))
            frame.append(contentsOf: bytes)
        case .refused(let refusal):
            let text = Array(refusal.text.utf8.prefix(1_000))
            frame.append(1)
            frame.append(contentsOf: Output.number(refusal.code.utf8.count) + Array(refusal.code.utf8))
            frame.append(contentsOf: Output.number(text.count) + text)
        case .left: break
        }
        return Output.write(frame)
    }
}

/// Why a photo is not taken. The codes are stable: pages and interfaces translate them.
struct Refusal: Error {
    let code: String
    let text: String

    static let empty = Refusal(code: "photo-empty", text: "no bytes")
    static let notAnImage = Refusal(code: "photo-not-an-image", text: "the bytes are no picture format known here")
    static func unsupported(_ name: String) -> Refusal { Refusal(code: "photo-unsupported", text: "\(name) is not taken") }
    static func tooManyPixels(_ width: Int, _ height: Int) -> Refusal {
        Refusal(code: "photo-too-many-pixels", text: "\(width) × \(height) pixels")
    }
    static func truncated(_ text: String) -> Refusal { Refusal(code: "photo-truncated", text: text) }
    static func damaged(_ text: String) -> Refusal { Refusal(code: "photo-damaged", text: text) }
    static func outOfMemory(_ text: String) -> Refusal { Refusal(code: "photo-needs-too-much-memory", text: text) }
}
