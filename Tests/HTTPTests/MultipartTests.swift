import TestKit
import Testing

@testable import HTTP

@Suite struct MultipartTests {
    @Test func `the table is large enough to mean something`() {
        #expect(MultipartForm.all.count >= 80)
        #expect(Set(MultipartForm.all.map(\.name)).count == MultipartForm.all.count)
    }

    static var limits: MultipartLimits {
        var limits = MultipartLimits()
        (limits.parts, limits.headerBytes, limits.fieldBytes, limits.fileBytes, limits.droppedBytes) = (4, 400, 20, 60, 80)
        return limits
    }

    @Test(arguments: MultipartForm.all)
    func `forms are cut alike in any pieces`(_ form: MultipartForm) {
        for size in [1_000_000, 1, 2, 3, 5, 8] {
            switch split(form.body, size) {
            case .success(let parts): #expect(parts == form.parts, "pieces of \(size)")
            case .failure(let refusal):
                #expect(form.parts == nil && refusal.status == form.status, "pieces of \(size): \(refusal.detail)")
                #expect(refusal.detail.contains(form.reason), "pieces of \(size): \(refusal.detail)")
            }
        }
    }

    private func split(_ bytes: [UInt8], _ size: Int) -> Result<[String], Refusal> {
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
            } catch { return .failure(error) }
        }
        return splitter.isDone ? .success(parts) : .failure(MultipartSplitter.malformed("its end is missing"))
    }

    @Test func `an upload route answers each form`() async throws {
        try await TestServer.with(Self.uploads) { server async throws in
            for form in MultipartForm.all {
                let response = try await Self.upload(form.body, to: server)
                #expect(response.status == form.status, "\(form.name)")
                if let parts = form.parts { #expect(response.text == parts.joined(separator: "|"), "\(form.name)") }
            }
        }
    }

    private static var uploads: Routes {
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
        return routes
    }

    private static func upload(_ body: [UInt8], _ fields: String = "Content-Type: multipart/form-data; boundary=B", to server: TestServer)
        async throws
        -> RawResponse
    {
        let client = try await server.connect()
        try await client.send("POST /upload HTTP/1.1\r\nHost: a\r\n\(fields)\r\nContent-Length: \(body.count)\r\n\r\n")
        try await client.send(body)
        return try await client.response()
    }

    @Test func `text in an encoding that is not ours is refused where it matters`() async throws {
        func form(_ charset: String?, _ part: String?, _ content: String) -> [UInt8] {
            let first = charset.map { "--B\r\nContent-Disposition: form-data; name=\"_charset_\"\r\n\r\n\($0)\r\n" } ?? ""
            let type = part.map { "Content-Type: text/plain; charset=\($0)\r\n" } ?? ""
            return Array("\(first)--B\r\n\(MultipartForm.a)\(type)\r\n\(content)\r\n--B--\r\n".utf8)
        }
        try await TestServer.with(Self.uploads) { server async throws in
            for (body, status) in [
                (form("UTF-8", nil, "路灯"), 200), (form("gbk", nil, "31.2"), 200), (form("gbk", nil, "路灯"), 400),
                (form("gbk", "utf-8", "路灯"), 200), (form(nil, "gbk", "路灯"), 400), (form(nil, "GB18030", "a"), 200),
                (form(nil, "utf8", "路灯"), 200), (form(nil, "\"UTF-8\"", "路灯"), 200),
            ] {
                let response = try await Self.upload(body, to: server)
                #expect(response.status == status, "\(String(decoding: body, as: UTF8.self))")
                if status == 200 { #expect(!response.text.contains("_charset_")) }
            }
        }
    }

    @Test func `two types of one body are refused`() async throws {
        try await TestServer.with(Self.uploads) { server async throws in
            let body = Array("--B\r\n\(MultipartForm.a)\r\nx\r\n--B--\r\n".utf8)
            let fields = "Content-Type: multipart/form-data; boundary=B\r\nContent-Type: multipart/form-data; boundary=C"
            #expect(try await Self.upload(body, fields, to: server).status == 415)
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

    @Test func `a boundary that needs quotes is read without them`() {
        let mail = "===============0123456789=="
        #expect(Multipart.boundary(Array("multipart/form-data; boundary=\(mail); charset=utf-8".utf8)[...]) == Array(mail.utf8))
        #expect(Multipart.boundary(Array("multipart/form-data;boundary=a/b:c".utf8)[...]) == Array("a/b:c".utf8))
    }

    @Test func `a boundary may be quoted and long`() {
        let long = String(repeating: "x", count: 70)
        #expect(Multipart.boundary(Array("Multipart/Form-Data; charset=utf-8; boundary=\"\(long)\"".utf8)[...]) == Array(long.utf8))
    }
}
