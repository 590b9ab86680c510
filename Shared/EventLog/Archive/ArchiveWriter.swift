import Crypto
import FoundationEssentials
import Glibc
package import JSON
import Synchronization

/// Writes one range of the stream: a file per topic partition and a manifest, under a temporary name until all of it is on the
/// disk. Blocks: call it away from the loop.
final class ArchiveWriter: Sendable {
    private struct Open: Sendable {
        let file: Descriptor
        var part: ArchivedPart
        var sha = SHA256()
    }
    private let root: String
    private let name: String
    private let open = Mutex<[StreamPartition: Open]>([:])

    /// - Parameter name: of the range's folder; when that exists, which nobody knows of, the next free one beside it is taken.
    init(_ folder: ArchiveFolder, name: String) throws {
        root = folder.path
        var free = name
        var number = 1
        while access(root + "/" + free, F_OK) == 0 {
            number += 1
            free = "\(name)-\(number)"
        }
        self.name = free
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        // What a process that was killed left behind.
        try? FileManager.default.removeItem(atPath: partial)
        try FileManager.default.createDirectory(atPath: partial, withIntermediateDirectories: false)
    }

    private var partial: String { "\(root)/.\(name).partial" }

    /// - Parameter before: the hash before a partition's first record.
    func append(_ records: [StreamRecord], before: [StreamPartition: [UInt8]]) throws {
        try open.withLock { open in
            for (partition, records) in Dictionary(grouping: records, by: \.partition) {
                guard let first = records.first else { continue }
                var file = try open[partition] ?? begin(partition, first, before[partition] ?? StreamHash.empty)
                var lines: [UInt8] = []
                for record in records {
                    guard record.seq == file.part.lastSeq + 1 else {
                        throw EventLogError(.damaged, "\(partition.topic)/\(partition.part): \(record.seq) follows \(file.part.lastSeq)")
                    }
                    lines += record.json
                    lines.append(0x0A)
                    (file.part.lastSeq, file.part.hash) = (record.seq, record.hash)
                }
                try file.file.write(lines)
                file.sha.update(lines)
                file.part.bytes += Int64(lines.count)
                open[partition] = file
            }
        }
    }

    private func begin(_ partition: StreamPartition, _ first: StreamRecord, _ before: [UInt8]) throws -> Open {
        let file = "\(partition.topic)-\(partition.part).ndjson"
        return Open(
            file: try Descriptor("\(partial)/\(file)", O_WRONLY | O_CREAT | O_EXCL),
            part: ArchivedPart(
                partition: partition, firstSeq: first.seq, lastSeq: first.seq - 1, hashBefore: before, hash: before,
                file: "\(name)/\(file)", bytes: 0, sha256: []))
    }

    /// Everything is on the disk, then it gets its name. What the range holds, by topic and partition.
    func finish() throws -> (folder: String, parts: [ArchivedPart]) {
        let parts = try open.withLock { open in
            let parts = try open.values.map { file in
                try file.file.flush()
                var part = file.part
                part.sha256 = file.sha.digest()
                return part
            }
            open = [:]
            return parts.sorted { ($0.partition.topic, $0.partition.part) < ($1.partition.topic, $1.partition.part) }
        }
        let manifest = try Descriptor("\(partial)/manifest.json", O_WRONLY | O_CREAT | O_EXCL)
        try manifest.write(ArchiveManifest(parts: parts).json + [0x0A])
        try manifest.flush()
        try Descriptor(partial, O_RDONLY | O_DIRECTORY).flush()
        guard rename(partial, "\(root)/\(name)") == 0 else { throw Descriptor.failure("rename", partial) }
        try Descriptor(root, O_RDONLY | O_DIRECTORY).flush()
        return (name, parts)
    }
}

/// `manifest.json`: enough to prove an archive without the database it came from.
struct ArchiveManifest: JSONObjectEncodable {
    let parts: [ArchivedPart]

    func write(members o: inout JSONObjectWriter) { o.member("files", parts) }
}

extension ArchivedPart: JSONObjectEncodable {
    package func write(members o: inout JSONObjectWriter) {
        o.member("topic", partition.topic)
        o.member("part", partition.part)
        o.member("first", firstSeq)
        o.member("last", lastSeq)
        o.member("before", Hex.encode(hashBefore))
        o.member("hash", Hex.encode(hash))
        o.member("file", file)
        o.member("bytes", bytes)
        o.member("sha256", Hex.encode(sha256))
    }
}
