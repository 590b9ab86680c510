public import JSON

/// Words that may leave the service in which they were said: made by the scrubber (``PersonalData``) and by nothing else, whether
/// they come from a person, from a template around a person's words, or out of a record.
///
/// Events take their free text as this type; they show it as a `String` that nobody else can set.
public struct PublicText: Sendable, Hashable, CustomStringConvertible, ExpressibleByStringInterpolation, JSONDecodable {
    public let description: String

    public init(scrubbing text: String) { description = PersonalData.scrub(text) }

    /// Of what may be absent.
    public init?(scrubbing text: String?) {
        guard let text else { return nil }
        self.init(scrubbing: text)
    }

    /// Literals and what is interpolated into them are scrubbed like everything else.
    public init(stringLiteral value: String) { self.init(scrubbing: value) }

    /// 16 KiB at most, as all text in events.
    public init(json reader: inout JSONReader) throws(JSONError) {
        self.init(scrubbing: try reader.string(maxBytes: JSONMembers.maxTextBytes))
    }
}

extension JSONMembers {
    mutating func publicText(_ name: StaticString) throws(JSONError) -> PublicText { try required(name) }

    mutating func optionalPublicText(_ name: StaticString) throws(JSONError) -> PublicText? { try optional(name) }
}
