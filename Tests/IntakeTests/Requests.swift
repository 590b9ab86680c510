import Crypto
import Foundation

/// A request as bytes.
struct Request {
    var method: String
    var path: String
    var headers: [(String, String)]
    var body: [UInt8]

    init(_ method: String, _ path: String, headers: [(String, String)] = [], body: [UInt8] = []) {
        self.method = method
        self.path = path
        self.headers = headers
        self.body = body
    }

    static func json(_ text: String, path: String = "/v1/tickets") -> Request { json(Array(text.utf8), path: path) }

    static func json(_ body: [UInt8], path: String = "/v1/tickets") -> Request {
        Request("POST", path, headers: [("Content-Type", "application/json")], body: body)
    }

    static func form(_ form: Form, path: String = "/v1/tickets") -> Request {
        Request("POST", path, headers: [("Content-Type", "multipart/form-data; boundary=\(Form.boundary)")], body: form.bytes)
    }

    func with(_ name: String, _ value: String) -> Request {
        var copy = self
        copy.headers.append((name, value))
        return copy
    }

    var bytes: [UInt8] {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: caihong.example\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        let isFramed = headers.contains { ["content-length", "transfer-encoding"].contains($0.0.lowercased()) }
        if !isFramed, !body.isEmpty || method == "POST" { head += "Content-Length: \(body.count)\r\n" }
        return Array((head + "\r\n").utf8) + body
    }
}

/// `multipart/form-data`.
struct Form {
    static let boundary = "----shao-test"
    private var content: [UInt8] = []

    init(_ fields: KeyValuePairs<String, String> = [:]) {
        for (name, value) in fields { add(name, Array(value.utf8)) }
    }

    mutating func add(_ name: String, _ value: [UInt8], file: String? = nil) {
        content += Array("--\(Self.boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"".utf8)
        if let file { content += Array("; filename=\"\(file)\"\r\nContent-Type: image/jpeg".utf8) }
        content += Array("\r\n\r\n".utf8) + value + [13, 10]
    }

    /// The same form with photos.
    func with(photos: [UInt8]...) -> Form {
        var copy = self
        for photo in photos { copy.add("photo", photo, file: "IMG.jpg") }
        return copy
    }

    func with(_ name: String, _ value: [UInt8]) -> Form {
        var copy = self
        copy.add(name, value)
        return copy
    }

    var bytes: [UInt8] { content + Array("--\(Self.boundary)--\r\n".utf8) }
}

extension World {
    static func digest(_ token: String) -> String { Hex.encode(SHA256.hash(token)) }
}
