import Crypto
import FoundationEssentials
import Glibc
import JSON
import Synchronization

/// What one file of an archive holds: a partition's records from first to last, a line of JSON each.
package struct ArchivedPart: Sendable, Equatable {
    package var partition: StreamPartition
    package var firstSeq: Int64
    package var lastSeq: Int64
    /// The history's hash before the first record, and after the last.
    package var hashBefore: [UInt8]
    package var hash: [UInt8]
    /// Relative to the archive's folder.
    package var file: String
    package var bytes: Int64
    package var sha256: [UInt8]
}

/// The folder in which a service's archives lie. Nothing in it is ever changed or removed by the service.
///
/// All of this blocks: call it away from the loop.
package struct ArchiveFolder: Sendable {
    package let path: String
    /// Where a reader of a file stopped, so that the next page need not be searched for.
    private let marks = Marks()

    package init(_ path: String) { self.path = path }

    /// The records of a file from `seq` on, at most `limit`.
    package func records(_ part: ArchivedPart, from seq: Int64, limit: Int) throws -> [StreamRecord] {
        let file = try Descriptor(path + "/" + part.file, O_RDONLY)
        var lines = LineReader(file)
        var next = part.firstSeq
        if let mark = marks.take(part.file, seq) {
            lines.offset = mark
            next = seq
        }
        var records: [StreamRecord] = []
        while records.count < limit, next <= part.lastSeq, let line = try lines.next() {
            defer { next += 1 }
            if next < seq { continue }
            let record = try JSONReader.decode(StreamRecord.self, from: line)
            guard record.seq == next else { throw EventLogError(.damaged, "\(part.file) has \(record.seq) in the place of \(next)") }
            records.append(record)
        }
        marks.put(part.file, next, lines.offset)
        return records
    }

    /// Reads a file back: its length and SHA-256 are those that were noted, its records continue the history from one end to the
    /// other.
    package func verify(_ part: ArchivedPart, _ hash: StreamHash) throws {
        try verifyBytes(part)
        var lines = LineReader(try Descriptor(path + "/" + part.file, O_RDONLY))
        var before = part.hashBefore
        var seq = part.firstSeq
        while let line = try lines.next() {
            let record = try JSONReader.decode(StreamRecord.self, from: line)
            guard record.seq == seq, record.partition == part.partition, hash.next(after: before, seq: seq, record.event) == record.hash
            else {
                throw EventLogError(.damaged, "\(part.file): record \(seq) does not continue the history")
            }
            (before, seq) = (record.hash, seq + 1)
        }
        guard seq == part.lastSeq + 1, before == part.hash else { throw EventLogError(.damaged, "\(part.file) ends at \(seq - 1)") }
    }

    /// Only that the bytes are those that were verified once.
    package func verifyBytes(_ part: ArchivedPart) throws {
        let file = try Descriptor(path + "/" + part.file, O_RDONLY)
        var sha = SHA256()
        var total: Int64 = 0
        while true {
            let chunk = try file.read(at: total, 1 << 20)
            if chunk.isEmpty { break }
            sha.update(chunk)
            total += Int64(chunk.count)
        }
        guard total == part.bytes, sha.digest() == part.sha256 else {
            throw EventLogError(.damaged, "\(part.file) is not what was written")
        }
    }

    private final class Marks: Sendable {
        private struct Place: Hashable {
            let file: String, seq: Int64
        }
        private let places = Mutex<[Place: Int64]>([:])

        func take(_ file: String, _ seq: Int64) -> Int64? { places.withLock { $0.removeValue(forKey: Place(file: file, seq: seq)) } }

        func put(_ file: String, _ seq: Int64, _ offset: Int64) {
            places.withLock { places in
                if places.count > 1000 { places = [:] }
                places[Place(file: file, seq: seq)] = offset
            }
        }
    }
}

/// Runs what blocks where it stops nobody: not on the loop whose thread serves requests.
func away<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await Task.detached { try body() }.value
}

/// An open file, closed with its owner.
final class Descriptor: Sendable {
    private let number: CInt
    private let path: String

    init(_ path: String, _ flags: CInt) throws {
        self.path = path
        number = Glibc.open(path, flags | O_CLOEXEC, 0o640)
        if number < 0 { throw Self.failure("open", path) }
    }

    deinit { Glibc.close(number) }

    func read(at offset: Int64, _ count: Int) throws -> [UInt8] {
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, length in
            var got = 0
            repeat { got = pread(number, buffer.baseAddress, count, off_t(offset)) } while got < 0 && errno == EINTR
            failed = got < 0
            length = max(0, got)
        }
        if failed { throw Self.failure("read", path) }
        return bytes
    }

    func write(_ bytes: [UInt8]) throws {
        var done = 0
        while done < bytes.count {
            let put = bytes.withUnsafeBytes { Glibc.write(number, $0.baseAddress?.advanced(by: done), bytes.count - done) }
            if put < 0 && errno == EINTR { continue }
            if put < 0 { throw Self.failure("write", path) }
            done += put
        }
    }

    /// What was written is on the disk when this returns.
    func flush() throws {
        if fsync(number) != 0 { throw Self.failure("fsync", path) }
    }

    static func failure(_ call: String, _ path: String) -> EventLogError {
        EventLogError(.damaged, "\(call) \(path): \(String(cString: strerror(errno)))")
    }
}

/// Lines without their ends; an unfinished last one is none.
struct LineReader {
    private let file: Descriptor
    private var buffer: [UInt8] = []
    private var start = 0
    private var readTo: Int64 = 0

    init(_ file: Descriptor) { self.file = file }

    /// Where the next line begins.
    var offset: Int64 {
        get { readTo - Int64(buffer.count - start) }
        set { (buffer, start, readTo) = ([], 0, newValue) }
    }

    mutating func next() throws -> [UInt8]? {
        var searched = start
        while true {
            if let end = buffer[searched...].firstIndex(of: 0x0A) {
                defer { start = end + 1 }
                return Array(buffer[start..<end])
            }
            let more = try file.read(at: readTo, 1 << 18)
            if more.isEmpty { return nil }
            buffer.removeFirst(start)
            start = 0
            searched = buffer.count
            buffer.append(contentsOf: more)
            readTo += Int64(more.count)
        }
    }
}
