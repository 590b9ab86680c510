/// One row of a binary COPY: as many `append`s as there are columns, in their order.
public struct PostgresCopyRow {
    fileprivate var encoder = PostgresEncoder()
    fileprivate var fields = 0

    /// The next column's value.
    public mutating func append(_ value: some PostgresValue) {
        encoder.appendField(value)
        fields += 1
    }
}

extension PostgresConnection {
    /// How much is gathered before it is handed to libpq: a few socket buffers, so that encoding and sending overlap.
    private static var chunk: Int { 64 * 1024 }

    nonisolated func copy<Row>(
        _ rows: some Sequence<Row>, _ columns: Int, _ statement: Statement,
        _ encode: (Row, inout PostgresCopyRow) throws -> Void
    ) async throws -> Int {
        let work = try await beginCopy(statement)
        do {
            try await send(rows, columns, work, encode)
        } catch {
            if isOpen { _ = try? await endCopy(work, abortingBecause: "the rows could not be read") }
            throw error
        }
        return try await endCopy(work)
    }

    private nonisolated func send<Row>(
        _ rows: some Sequence<Row>, _ columns: Int, _ work: ExclusiveOperation,
        _ encode: (Row, inout PostgresCopyRow) throws -> Void
    ) async throws {
        guard let width = Int16(exactly: columns) else { throw PostgresError(.usage, "\(columns) columns") }
        var buffer = PostgresCopyRow()
        buffer.encoder.append(Self.header)
        for row in rows {
            buffer.fields = 0
            buffer.encoder.append(width)
            try encode(row, &buffer)
            guard buffer.fields == columns else {
                throw PostgresError(.usage, "a row of \(buffer.fields) values for \(columns) columns")
            }
            if buffer.encoder.bytes.count >= Self.chunk {
                try await writeCopy(work, buffer.encoder.bytes)
                buffer.encoder.bytes.removeAll(keepingCapacity: true)
            }
        }
        buffer.encoder.append(Int16(-1))
        try await writeCopy(work, buffer.encoder.bytes)
    }

    /// Signature, no flags, no extension.
    private static let header: [UInt8] = [UInt8]("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00] + [UInt8](repeating: 0, count: 8)
}
