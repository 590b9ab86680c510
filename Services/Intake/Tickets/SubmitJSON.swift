import Actions
import Contracts
import HTTP
import JSON

extension Submit: JSONObjectDecodable {
    /// The body of `POST /v1/tickets`.
    init(members m: inout JSONMembers) throws(JSONError) {
        var report = Submit()
        report.channel = try m.optional(Self.channelField.name) ?? .web
        report.plate = try m.optional(Self.plateField.name)
        report.position = try m.readIfPresent("point", Self.position)
        report.category = try m.optional(Self.categoryField.name)
        report.words = Self.words(
            try m.readIfPresent(Self.textField.name, Self.text(16_384)) ?? nil,
            elsewhere: try m.readIfPresent(Self.elsewhereField.name, Self.text(16_384)) ?? nil)
        report.phone =
            try m.readIfPresent("contact") { value throws(JSONError) in
                try value.object { m throws(JSONError) in try m.read(Self.phoneField.name, Self.text(512)) }
            } ?? nil
        self = report
    }

    /// Any two numbers pass here: `check` tells a swapped pair from a wrong one.
    private static func position(_ reader: inout JSONReader) throws(JSONError) -> Position {
        try reader.object { m throws(JSONError) in
            try Position(
                lat: m.required(Self.latField.name), lng: m.required(Self.lngField.name),
                datum: m.readIfPresent(Self.datumField.name, Self.datum) ?? .wgs84)
        }
    }

    private static func datum(_ reader: inout JSONReader) throws(JSONError) -> Datum {
        let start = reader
        guard let datum = Datum(try reader.string(maxBytes: 32)) else {
            throw start.failure(.outOfRange, "the datums taken are \(Datum.names)")
        }
        return datum
    }

    /// Blank counts as absent, as in the form.
    private static func text(_ maxBytes: Int) -> (inout JSONReader) throws(JSONError) -> String? {
        { (value: inout JSONReader) throws(JSONError) in
            let text = try value.string(maxBytes: maxBytes)
            return text.allSatisfy(\.isWhitespace) ? nil : text.withPlainLineBreaks
        }
    }
}
