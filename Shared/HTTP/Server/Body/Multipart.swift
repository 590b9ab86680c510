/// A form with files, part by part as it comes (RFC 7578). Nothing of a part is kept.
///
/// ```swift
/// let form = try Multipart(request, body)
/// while let part = try await form.nextPart() { … try await part.collect() … }
/// ```
public final class Multipart {
    private let body: RequestBody
    private var splitter: MultipartSplitter
    private var input: [UInt8] = []
    private var position = 0
    fileprivate private(set) var number = 0
    private var insidePart = false
    /// What a `_charset_` field says (RFC 7578, 4.6); of fields that say nothing themselves.
    fileprivate private(set) var charset: String?

    /// Throws 415 unless the request is `multipart/form-data` with a proper boundary.
    public init(_ request: HTTPRequest, _ body: RequestBody, limits: MultipartLimits = MultipartLimits()) throws(Problem) {
        // Two types would be two forms for two readers.
        let types = request.head.values(of: "content-type")
        guard types.count == 1, let value = types.first, let boundary = Self.boundary(value) else {
            throw .unsupportedMediaType("multipart/form-data")
        }
        self.body = body
        splitter = MultipartSplitter(boundary: boundary, limits: limits)
    }

    /// The next part, what is left of the one before skipped; nil at the end of the form.
    ///
    /// Throws a `Problem`: 400 for a malformed form, 413 over a limit of part or form; and what `RequestBody.read` throws.
    public func nextPart() async throws -> MultipartPart? {
        while insidePart { _ = try await readPart(number) }
        guard let event = try await nextEvent() else { return nil }
        guard case .part(let header) = event else { throw Problem(MultipartSplitter.malformed("a part is out of place")) }
        number += 1
        insidePart = true
        let part = MultipartPart(form: self, number: number, header: header)
        guard header.name == "_charset_", header.filename == nil else { return part }
        charset = try await part.text().lowercased()
        return try await nextPart()
    }

    fileprivate func readPart(_ wanted: Int) async throws -> [UInt8]? {
        guard insidePart, wanted == number else { return nil }
        if case .data(let content) = try await nextEvent() { return content }
        insidePart = false
        return nil
    }

    private func nextEvent() async throws -> MultipartSplitter.Event? {
        while true {
            do throws(Refusal) {
                if let event = try splitter.next(input, &position) { return event }
            } catch { throw Problem(error) }
            position = 0
            guard let piece = try await body.read() else {
                input = []
                guard splitter.isDone else { throw Problem(MultipartSplitter.malformed("its end is missing")) }
                return nil
            }
            input = piece
        }
    }

    /// RFC 2046, 5.1.1; nil when the type is another, or the boundary is none.
    static func boundary(_ contentType: ArraySlice<UInt8>) -> [UInt8]? {
        let type = MediaType(contentType)
        guard type.essence == "multipart/form-data", let boundary = type.parameter("boundary") else { return nil }
        return boundary.allSatisfy(\.isBoundary) && (1...70).contains(boundary.count) && boundary.last != .space ? boundary : nil
    }
}

/// One part of a form; readable until the next one is asked for.
public final class MultipartPart {
    private let form: Multipart
    private let number: Int

    /// The form field's name.
    public let name: String
    /// What the client says the file is called. Never a path to write to, never believed: only to show, escaped.
    public let claimedFilename: String?
    /// What the client says the content is: type and subtype in lower case. Look at the bytes before believing it.
    public let claimedContentType: String?
    private let claimedCharset: String?

    fileprivate init(form: Multipart, number: Int, header: MultipartHeader) {
        self.form = form
        self.number = number
        name = header.name
        claimedFilename = header.filename
        claimedContentType = header.contentType
        claimedCharset = header.charset
    }

    /// The next piece of the content, never empty; nil at its end. Throws as `Multipart.nextPart`.
    public func read() async throws -> [UInt8]? { try await form.readPart(number) }

    /// All of the content, which the part's limit bounds.
    public func collect() async throws -> [UInt8] {
        var all: [UInt8] = []
        while let piece = try await read() { all += piece }
        return all
    }

    /// The content as text; throws 400 `bad-multipart` when it is no UTF-8, or says that it is in another encoding and needs it.
    public func text() async throws -> String {
        let bytes = try await collect()
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Problem(MultipartSplitter.malformed("a field is no UTF-8"))
        }
        // Digits and Latin letters are the same in all of them.
        let charset = claimedCharset ?? form.charset ?? "utf-8"
        guard ["utf-8", "utf8"].contains(charset) || bytes.allSatisfy({ $0 < 0x80 }) else {
            throw Problem(MultipartSplitter.malformed("a field is in another encoding than UTF-8"))
        }
        return text
    }
}
