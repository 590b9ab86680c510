import TestKit
import Testing

@testable import HTTP

@Suite struct MultipartTests {
    struct Form: Sendable, CustomTestStringConvertible {
        let name: String
        let text: String
        /// `name[filename]=content` of each part, or nil when the form is refused.
        let parts: [String]?
        let status: Int
        init(_ name: String, _ text: String, _ parts: [String]) { (self.name, self.text, self.parts, status) = (name, text, parts, 200) }
        init(_ name: String, _ text: String, refused status: Int = 400) {
            (self.name, self.text, parts, self.status) = (name, text, nil, status)
        }
        var testDescription: String { name }
    }

    private static let a = "Content-Disposition: form-data; name=\"a\"\r\n"
    static let forms: [Form] = [
        Form("one field", "--B\r\n\(a)\r\nx\r\n--B--\r\n", ["a=x"]),
        Form("no last line end", "--B\r\n\(a)\r\nx\r\n--B--", ["a=x"]),
        Form("empty content", "--B\r\n\(a)\r\n\r\n--B--\r\n", ["a="]),
        Form(
            "a file",
            "--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"../a.jpg\"\r\nContent-Type: image/JPEG\r\n\r\nJ\r\n--B--\r\n",
            ["f[../a.jpg]image/jpeg=J"]),
        Form("two parts", "--B\r\n\(a)\r\nx\r\n--B\r\n\(a)\r\ny\r\n--B--\r\n", ["a=x", "a=y"]),
        Form(
            "content like a boundary", "--B\r\n\(a)\r\n\r\n-\r\n--\r\n--b\r\n\r\r\n--C\r\n--B--\r\n", ["a=\r\n-\r\n--\r\n--b\r\n\r\r\n--C"]),
        Form("line ends before the boundary", "--B\r\n\(a)\r\n\r\n\r\n\r\n--B--\r\n", ["a=\r\n\r\n"]),
        Form(
            "a name in Chinese, quotes escaped", "--B\r\nContent-Disposition: form-data; name=\"诉\\\"求\"\r\n\r\nx\r\n--B--\r\n", ["诉\"求=x"]),
        Form("a name without quotes", "--B\r\ncontent-disposition: Form-Data;name=a\r\n\r\nx\r\n--B--\r\n", ["a=x"]),
        Form(
            "a backslash in a file's name", "--B\r\nContent-Disposition: form-data; name=f; filename=\"C:\\a.jpg\"\r\n\r\nx\r\n--B--\r\n",
            ["f[C:\\a.jpg]=x"]),
        Form("preamble", "hello\r\n--B\r\n\(a)\r\nx\r\n--B--\r\n"),
        Form("epilogue", "--B\r\n\(a)\r\nx\r\n--B--\r\nmore"),
        Form("another boundary", "--C\r\n\(a)\r\nx\r\n--C--\r\n"),
        Form("no end", "--B\r\n\(a)\r\nx\r\n"),
        Form("half an end", "--B\r\n\(a)\r\nx\r\n--B-"),
        Form("blank after a boundary", "--B \r\n\(a)\r\nx\r\n--B--\r\n"),
        Form("bare LF after a boundary", "--B\n\(a)\r\nx\r\n--B--\r\n"),
        Form("bare LF after a header", "--B\r\nContent-Disposition: form-data; name=a\n\r\nx\r\n--B--\r\n"),
        Form("longer boundary", "--B\r\n\(a)\r\nx\r\n--BB--\r\n"),
        Form("no disposition", "--B\r\nContent-Type: text/plain\r\n\r\nx\r\n--B--\r\n"),
        Form("two dispositions", "--B\r\n\(a)\(a)\r\nx\r\n--B--\r\n"),
        Form("no name", "--B\r\nContent-Disposition: form-data\r\n\r\nx\r\n--B--\r\n"),
        Form("two names", "--B\r\nContent-Disposition: form-data; name=a; name=b\r\n\r\nx\r\n--B--\r\n"),
        Form("attachment", "--B\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--B--\r\n"),
        Form("filename*", "--B\r\nContent-Disposition: form-data; name=a; filename*=UTF-8''x\r\n\r\nx\r\n--B--\r\n"),
        Form("open quote", "--B\r\nContent-Disposition: form-data; name=\"a\r\n\r\nx\r\n--B--\r\n"),
        Form("base64", "--B\r\n\(a)Content-Transfer-Encoding: base64\r\n\r\nx\r\n--B--\r\n"),
        Form("folded header", "--B\r\nContent-Disposition: form-data;\r\n name=a\r\n\r\nx\r\n--B--\r\n"),
        Form("too many parts", String(repeating: "--B\r\n\(a)\r\nx\r\n", count: 5) + "--B--\r\n", refused: 413),
        Form("a large header", "--B\r\n\(a)X: \(String(repeating: "x", count: 300))\r\n\r\nx\r\n--B--\r\n", refused: 431),
        Form("a large field", "--B\r\n\(a)\r\n\(String(repeating: "x", count: 21))\r\n--B--\r\n", refused: 413),
        Form(
            "a large file",
            "--B\r\nContent-Disposition: form-data; name=a; filename=b\r\n\r\n\(String(repeating: "x", count: 61))\r\n--B--\r\n",
            refused: 413),
    ]

    static var limits: MultipartLimits {
        var limits = MultipartLimits()
        (limits.parts, limits.headerBytes, limits.fieldBytes, limits.fileBytes) = (4, 256, 20, 60)
        return limits
    }

    @Test(arguments: forms)
    func `forms are cut alike in any pieces`(_ form: Form) {
        for size in [1_000_000, 1, 2, 3, 5, 8] {
            #expect(split(Array(form.text.utf8), size) == form.parts, "pieces of \(size)")
        }
    }

    private func split(_ bytes: [UInt8], _ size: Int) -> [String]? {
        var splitter = MultipartSplitter(boundary: Array("B".utf8), limits: Self.limits)
        var parts: [String] = []
        var content: [UInt8] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = Array(rest.prefix(size))
            rest = rest.dropFirst(size)
            var position = 0
            do throws(Refusal) {
                while let event = try splitter.next(piece, &position) {
                    switch event {
                    case .part(let header):
                        parts.append(header.name + (header.filename.map { "[\($0)]" } ?? "") + (header.contentType ?? ""))
                    case .data(let bytes): content += bytes
                    case .partEnd:
                        parts[parts.count - 1] += "=" + String(decoding: content, as: UTF8.self)
                        content = []
                    }
                }
            } catch { return nil }
        }
        return splitter.isDone ? parts : nil
    }

    @Test(arguments: forms)
    func `an upload route answers each form`(_ form: Form) async throws {
        var routes = Routes()
        routes.streaming(.post, "/upload", limits: .upload) { request, body in
            let multipart = try Multipart(request, body, limits: Self.limits)
            var parts: [String] = []
            while let part = try await multipart.nextPart() {
                let file = part.claimedFilename.map { "[\($0)]" } ?? ""
                parts.append("\(part.name)\(file)\(part.claimedContentType ?? "")=\(try await part.text())")
            }
            return .text(parts.joined(separator: "|"))
        }
        try await TestServer.with(routes) { server async throws in
            let response = try #require(
                try await server.exchange(
                    "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=B\r\nContent-Length: \(form.text.utf8.count)\r\n\r\n\(form.text)"
                ).first)
            #expect(response.status == form.status)
            if let parts = form.parts { #expect(response.text == parts.joined(separator: "|")) }
        }
    }

    @Test func `parts that are not read are skipped, and the connection stays in step`() async throws {
        var routes = Routes()
        routes.streaming(.post, "/count", limits: .upload) { request, body in
            let form = try Multipart(request, body)
            var count = 0
            while try await form.nextPart() != nil { count += 1 }
            return .text("\(count)")
        }
        try await TestServer.with(routes) { server async throws in
            let file =
                "--B\r\nContent-Disposition: form-data; name=f; filename=x\r\n\r\n" + String(repeating: "ab\r\n-", count: 400_000) + "\r\n"
            let text = file + file + "--B--\r\n"
            let client = try await server.connect()
            for _ in 0..<2 {
                try await client.send(
                    "POST /count HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=\"B\"\r\nContent-Length: \(text.utf8.count)\r\n\r\n"
                )
                try await client.send(text)
                #expect(try await client.response().text == "2")
            }
        }
    }

    @Test(arguments: [
        "multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=B",
        "multipart/form-data; boundary=a; boundary=b", "multipart/form-data; boundary=\"a@b\"", "text/plain",
    ])
    func `a type without a proper boundary is refused`(_ type: String) {
        #expect(Multipart.boundary(Array(type.utf8)[...]) == nil)
    }

    @Test func `a boundary may be quoted and long`() {
        let long = String(repeating: "x", count: 70)
        #expect(Multipart.boundary(Array("Multipart/Form-Data; charset=utf-8; boundary=\"\(long)\"".utf8)[...]) == Array(long.utf8))
    }
}
