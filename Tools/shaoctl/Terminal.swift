import Glibc
import Synchronization
import Telemetry

/// Standard output for data, standard error for talk; colours only where a person looks.
struct Terminal: Sendable {
    enum Style: String, Sendable {
        case plain = ""
        case bold = "1"
        case dim = "2"
        case red = "31"
        case green = "32"
        case yellow = "33"
        case cyan = "36"
    }
    /// Whether standard output is a person's terminal that wants colours.
    let isColoured: Bool
    let isTerminal: Bool

    /// - Parameter environment: `NO_COLOR` (any value) and `TERM=dumb` switch colours off.
    init(environment: [String: String]) {
        isTerminal = isatty(1) == 1
        isColoured = isTerminal && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    }

    func styled(_ text: String, _ style: Style) -> String {
        isColoured && style != .plain ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// One line of data.
    func say(_ line: String) { Self.write(line + "\n", to: 1) }

    /// One line of talk.
    func remark(_ line: String) { Self.write(line + "\n", to: 2) }

    /// Replaces the line that stands there; where nobody looks, a line of its own.
    func refresh(_ line: String) { Self.write(isTerminal ? "\r\u{1B}[K\(line)" : line + "\n", to: 1) }

    static func write(_ text: String, to descriptor: CInt) { write(Array(text.utf8), to: descriptor) }

    static func write(_ bytes: [UInt8], to descriptor: CInt) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count <= 0 { return }
            rest = rest.dropFirst(count)
        }
    }
}

/// Log lines of the parts below go where talk goes.
struct StandardErrorSink: LogSink {
    func write(_ line: [UInt8]) { Terminal.write(line, to: 2) }
}

/// Text in columns; Chinese characters take two.
enum Columns {
    static func width(_ text: String) -> Int {
        text.unicodeScalars.reduce(0) { $0 + (isWide($1.value) ? 2 : 1) }
    }

    /// Blanks up to `width`; longer text is left whole, with one blank behind it.
    static func pad(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - self.width(text)))
    }

    static func padLeft(_ text: String, to width: Int) -> String {
        String(repeating: " ", count: max(0, width - self.width(text))) + text
    }

    private static func isWide(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE4F, 0xFF00...0xFF60,
            0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
            true
        default: false
        }
    }
}
