/// A form's body: `multipart/form-data` where there are files, else `application/x-www-form-urlencoded`.
struct PostedForm: Sendable {
    let type: String
    let bytes: [UInt8]

    /// Fields in order. Values may be any text.
    init(fields: [(name: String, value: String)]) {
        type = "application/x-www-form-urlencoded"
        bytes = Array(fields.map { "\(Self.percent($0.name))=\(Self.percent($0.value))" }.joined(separator: "&").utf8)
    }

    init(fields: [(name: String, value: String)], photo: [UInt8]?) {
        // No part of ours holds this line: texts are ours, and the picture's bytes are looked at.
        var boundary = "shaoctl-form-boundary"
        while let photo, photo.contains(boundary.utf8) { boundary += "-x" }
        var body: [UInt8] = []
        for (name, value) in fields {
            body += Array("--\(boundary)\r\ncontent-disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n".utf8)
        }
        if let photo {
            let head = "content-disposition: form-data; name=\"photo\"; filename=\"IMG_0001.png\"\r\ncontent-type: image/png\r\n\r\n"
            body += Array("--\(boundary)\r\n\(head)".utf8) + photo + Array("\r\n".utf8)
        }
        body += Array("--\(boundary)--\r\n".utf8)
        type = "multipart/form-data; boundary=\(boundary)"
        bytes = body
    }

    private static func percent(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x2D || byte == 0x2E
            if isPlain { return String(UnicodeScalar(byte)) }
            let digits = String(byte, radix: 16, uppercase: true)
            return "%" + (digits.count == 1 ? "0" : "") + digits
        }.joined()
    }
}
