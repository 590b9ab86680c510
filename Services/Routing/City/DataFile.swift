import JSON

/// A data file of the city (directory, catalogue, calendar, …): its name for messages, and its bytes.
public struct DataFile: Sendable {
    public let name: String
    public let bytes: [UInt8]

    public init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }

    /// Reads the whole document strictly.
    func decode<T: JSONDecodable>(_ type: T.Type = T.self) throws(DataFileError) -> T {
        do {
            return try JSONReader.decode(type, from: bytes)
        } catch {
            throw DataFileError(file: name, pointer: error.pointer, code: error.code.rawValue, reason: error.detail)
        }
    }

    /// A complaint about this file that its grammar could not make.
    func error(_ code: String, at pointer: String, _ reason: String) -> DataFileError {
        DataFileError(file: name, pointer: pointer, code: code, reason: reason)
    }
}

/// Why a data file is not taken: which file, where in it, and what is wrong.
public struct DataFileError: Error, Sendable, Hashable, CustomStringConvertible {
    public let file: String
    /// RFC 6901 pointer: `#/rows/12/lead`.
    public let pointer: String
    /// Stable: one of JSON's codes, or `duplicate`, `unknown-reference`, `bad-polygon`, …
    public let code: String
    public let reason: String

    public var description: String { "\(file) \(pointer): \(reason) [\(code)]" }
}
