/// The methods served. Anything else on the wire is answered with 501.
public enum HTTPMethod: String, Sendable, Hashable, CaseIterable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"
    case options = "OPTIONS"

    /// Only reads (RFC 9110, 9.2.1).
    public var isSafe: Bool { [.get, .head, .options].contains(self) }

    init?(bytes: ArraySlice<UInt8>) {
        guard bytes.count <= 7 else { return nil }
        self.init(rawValue: bytes.repairedText)
    }
}
