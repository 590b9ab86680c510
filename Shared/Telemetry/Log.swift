import Glibc
import Synchronization

/// A logger: one JSON object a line, with the trace of the task that logs.
///
/// Never give it personal data, tokens or bodies; give it codes and ids.
public struct Log: Sendable {
    public enum Level: Int, Sendable, Comparable, CaseIterable {
        case debug, info, notice, warning, error
        public static func < (a: Level, b: Level) -> Bool { a.rawValue < b.rawValue }

        /// `debug`, `info`, `notice`, `warning` or `error`.
        public init?(name: String) {
            guard let found = Self.allCases.first(where: { $0.name == name.lowercased() }) else { return nil }
            self = found
        }

        public var name: String {
            switch self {
            case .debug: "debug"
            case .info: "info"
            case .notice: "notice"
            case .warning: "warning"
            case .error: "error"
            }
        }
    }

    private let label: String
    private let level: Level
    private let sink: any LogSink
    private let fixed: [(String, LogValue)]

    /// - Parameters:
    ///   - label: what speaks, e.g. `routing` or `routing.kafka`.
    ///   - level: the least that is written.
    public init(_ label: String, level: Level = .info, sink: any LogSink = StandardOutput.shared) {
        self.init(label, level, sink, [])
    }

    private init(_ label: String, _ level: Level, _ sink: any LogSink, _ fixed: [(String, LogValue)]) {
        self.label = label
        self.level = level
        self.sink = sink
        self.fixed = fixed
    }

    /// A logger for a part: `routing` → `routing.kafka`.
    public func part(_ name: String) -> Log { Log("\(label).\(name)", level, sink, fixed) }

    /// A logger that adds these fields to every line.
    public func with(_ fields: KeyValuePairs<String, LogValue>) -> Log {
        Log(label, level, sink, fixed + fields.map { ($0.key, $0.value) })
    }

    public func debug(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> KeyValuePairs<String, LogValue> = [:]) {
        if level <= .debug { write(.debug, message(), fields()) }
    }
    public func info(_ message: String, _ fields: KeyValuePairs<String, LogValue> = [:]) { write(.info, message, fields) }
    public func notice(_ message: String, _ fields: KeyValuePairs<String, LogValue> = [:]) { write(.notice, message, fields) }
    public func warning(_ message: String, _ fields: KeyValuePairs<String, LogValue> = [:]) { write(.warning, message, fields) }
    public func error(_ message: String, _ fields: KeyValuePairs<String, LogValue> = [:]) { write(.error, message, fields) }

    private func write(_ level: Level, _ message: String, _ fields: KeyValuePairs<String, LogValue>) {
        guard level >= self.level else { return }
        var line = LogLine()
        line.open(level: level.name, label: label, message: message)
        if let trace = TraceContext.current { line.member("trace", .string(trace.traceIDText)) }
        for (name, value) in fixed { line.member(name, value) }
        for (name, value) in fields { line.member(name, value) }
        line.close()
        sink.write(line.bytes)
    }
}

/// A field's value.
public enum LogValue: Sendable, ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral
{
    case string(String)
    case int(Int64)
    case double(Double)
    case bool(Bool)
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .int(value) }
    public init(floatLiteral value: Double) { self = .double(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public static func int(_ value: Int) -> LogValue { .int(Int64(value)) }
}

/// Where lines go.
public protocol LogSink: Sendable {
    /// One whole line with its newline.
    func write(_ line: [UInt8])
}

/// One `write(2)` a line to standard output, so lines of several processes do not mix.
public final class StandardOutput: LogSink {
    public static let shared = StandardOutput()
    private let lock = Mutex(())

    public func write(_ line: [UInt8]) {
        lock.withLock { _ in
            line.withUnsafeBytes { buffer in
                var rest = buffer[...]
                while !rest.isEmpty {
                    let count = Glibc.write(1, rest.baseAddress, rest.count)
                    if count <= 0 { return }
                    rest = rest.dropFirst(count)
                }
            }
        }
    }
}

extension Slice where Base == UnsafeRawBufferPointer {
    fileprivate var baseAddress: UnsafeRawPointer? { base.baseAddress.map { $0 + startIndex } }
}

/// The bytes of one line. Control characters are escaped, so nobody's text can forge a second line.
struct LogLine {
    private(set) var bytes: [UInt8] = []

    mutating func open(level: String, label: String, message: String) {
        bytes.reserveCapacity(256)
        bytes.append(contentsOf: "{\"time\":\"".utf8)
        appendNow()
        bytes.append(contentsOf: "\",\"level\":\"".utf8)
        bytes.append(contentsOf: level.utf8)
        bytes.append(UInt8(ascii: "\""))
        member("logger", .string(label))
        member("message", .string(message))
    }

    mutating func member(_ name: String, _ value: LogValue) {
        bytes.append(UInt8(ascii: ","))
        string(name)
        bytes.append(UInt8(ascii: ":"))
        switch value {
        case .string(let text): string(text)
        case .int(let number): bytes.append(contentsOf: String(number).utf8)
        case .double(let number): bytes.append(contentsOf: (number.isFinite ? "\(number)" : "null").utf8)
        case .bool(let flag): bytes.append(contentsOf: (flag ? "true" : "false").utf8)
        }
    }

    mutating func close() { bytes.append(contentsOf: [UInt8(ascii: "}"), UInt8(ascii: "\n")]) }

    private mutating func string(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        // Most texts hold nothing to escape: they go in as they are.
        let isPlain = text.withUTF8 { utf8 in
            guard utf8.count <= 8192, utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C && $0 != 0x7F }) else { return false }
            bytes.append(contentsOf: utf8)
            return true
        }
        if !isPlain { escaped(text) }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func escaped(_ text: String) {
        for byte in text.utf8.prefix(8192) {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(contentsOf: [UInt8(ascii: "\\"), byte])
            case 0..<0x20, 0x7F:
                bytes.append(contentsOf: Array("\\u00".utf8))
                bytes.append(Self.hex[Int(byte >> 4)])
                bytes.append(Self.hex[Int(byte & 15)])
            default: bytes.append(byte)
            }
        }
    }

    private static let hex = Array("0123456789abcdef".utf8)

    /// RFC 3339, UTC, milliseconds; in place, because a request has a line.
    private mutating func appendNow() {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        var parts = tm()
        gmtime_r(&time.tv_sec, &parts)
        let year = parts.tm_year + 1900
        let milliseconds = CInt(time.tv_nsec / 1_000_000)
        two(year / 100)
        two(year % 100, then: "-")
        two(parts.tm_mon + 1, then: "-")
        two(parts.tm_mday, then: "T")
        two(parts.tm_hour, then: ":")
        two(parts.tm_min, then: ":")
        two(parts.tm_sec, then: ".")
        bytes.append(UInt8(48 + milliseconds / 100))
        two(milliseconds % 100, then: "Z")
    }

    private mutating func two(_ n: CInt, then mark: Unicode.Scalar? = nil) {
        bytes.append(UInt8(48 + (n / 10) % 10))
        bytes.append(UInt8(48 + n % 10))
        if let mark { bytes.append(UInt8(ascii: mark)) }
    }
}
