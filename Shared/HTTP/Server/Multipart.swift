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

    /// Throws 415 unless the request is `multipart/form-data` with a proper boundary.
    public init(_ request: HTTPRequest, _ body: RequestBody, limits: MultipartLimits = MultipartLimits()) throws(Problem) {
        guard let value = request.head.values(of: "content-type").first, let boundary = Self.boundary(value) else {
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
        return MultipartPart(form: self, number: number, header: header)
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
        let allowed = boundary.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            case 0x20, 0x27, 0x28, 0x29, 0x2B, 0x2C, 0x2D, 0x2E, 0x2F, 0x3A, 0x3D, 0x3F, 0x5F: true
            default: false
            }
        }
        return allowed && (1...70).contains(boundary.count) && boundary.last != .space ? boundary : nil
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

    fileprivate init(form: Multipart, number: Int, header: MultipartHeader) {
        self.form = form
        self.number = number
        name = header.name
        claimedFilename = header.filename
        claimedContentType = header.contentType
    }

    /// The next piece of the content, never empty; nil at its end. Throws as `Multipart.nextPart`.
    public func read() async throws -> [UInt8]? { try await form.readPart(number) }

    /// All of the content, which the part's limit bounds.
    public func collect() async throws -> [UInt8] {
        var all: [UInt8] = []
        while let piece = try await read() { all += piece }
        return all
    }

    /// The content as text; throws 400 `bad-multipart` when it is no UTF-8.
    public func text() async throws -> String {
        guard let text = String(validating: try await collect(), as: UTF8.self) else {
            throw Problem(MultipartSplitter.malformed("a field is no UTF-8"))
        }
        return text
    }
}
