public import JSON

extension HTTPRequest {
    /// The body as JSON. Throws 415 unless it says `application/json`, 400 when it is no strict JSON, 422 with the
    /// pointer of the member when its content is wrong.
    public func json<T: JSONDecodable>(_ type: T.Type = T.self) throws(Problem) -> T {
        guard let contentType, contentType == "application/json" || contentType.hasSuffix("+json") else {
            throw .unsupportedMediaType("application/json")
        }
        do { return try JSONReader.decode(type, from: body) } catch { throw Problem(error) }
    }
}

extension HTTPResponse {
    public static func json(_ value: some JSONEncodable, status: HTTPStatus = .ok) -> HTTPResponse {
        .bytes(value.json, type: "application/json", status: status)
    }
}

extension Problem {
    /// 400 `bad-json` when the text is no JSON, else 422 `invalid`.
    public init(_ error: JSONError) {
        let malformed: Set<JSONError.Code> = [.syntax, .utf8, .depth, .duplicateMember]
        let isMalformed = malformed.contains(error.code)
        self.init(
            isMalformed ? 400 : 422, isMalformed ? "bad-json" : "invalid",
            errors: [
                Violation(
                    pointer: error.pointer, code: error.code.rawValue.replacing("_", with: "-"), detail: error.detail)
            ])
    }
}

extension ProblemReport: JSONObjectEncodable {
    var document: [UInt8] { json }

    public func write(members o: inout JSONObjectWriter) {
        o.member("type", "/problems/\(problem.code)")
        o.member("title", title)
        o.member("status", problem.status)
        o.member("detail", problem.detail)
        if let path, path.utf8.count <= 1024 { o.member("instance", path) }
        o.member("code", problem.code)
        if !problem.errors.isEmpty { o.member("errors", problem.errors) }
        o.member("trace_id", traceID)
    }
}

extension Problem.Violation: JSONObjectEncodable {
    public func write(members o: inout JSONObjectWriter) {
        o.member("pointer", pointer)
        o.member("detail", detail)
        o.member("code", code)
    }
}
