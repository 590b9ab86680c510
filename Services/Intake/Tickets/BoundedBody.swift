import HTTP

extension RequestBody {
    /// All of the body, refused with 413 as soon as it is longer than `limit`: a tighter bound than the route's.
    func collect(upTo limit: Int) async throws -> [UInt8] {
        var all: [UInt8] = []
        while let piece = try await read() {
            guard all.count + piece.count <= limit else {
                throw Problem(413, "body-too-large", detail: "At most \(limit) bytes.")
            }
            all += piece
        }
        return all
    }
}
