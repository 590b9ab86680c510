import Contracts
import JSON
import Testing

private typealias Headers = [(name: String, value: [UInt8]?)]

struct CloudEventTests {
    private let event = CloudEvent(
        id: "019a9b3c-7d20-7002-8a00-00000000a002", source: "/street/310106019000/intake", type: "org.shao.ticket.submitted.v1",
        subject: "019a9b3c-7d20-7001-8a00-00000000a001", time: Timestamp(milliseconds: 1_795_224_600_123),
        partitionKey: "019a9b3c-7d20-7001-8a00-00000000a001", sequence: 7,
        traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    private let data = Array(#"{"a":1}"#.utf8)

    private var headers: Headers { event.headers.map { ($0.name, Array($0.value.utf8)) } }

    private func failure(_ change: (inout [String: String]) -> Void) -> ContractError.Code? {
        var named = Dictionary(uniqueKeysWithValues: event.headers.map { ($0.name, $0.value) })
        change(&named)
        return failure(named.map { ($0.key, Array($0.value.utf8)) }, data)
    }

    private func failure(_ headers: Headers, _ value: [UInt8]) -> ContractError.Code? {
        do throws(ContractError) {
            _ = try CloudEvent.parse(headers: headers, value: value)
            return nil
        } catch {
            return error.code
        }
    }

    @Test func `binary mode has a plain content type, ce_ headers and the trace of this hop`() {
        #expect(
            event.headers.map { "\($0.name): \($0.value)" } == [
                "content-type: application/json", "ce_specversion: 1.0", "ce_id: 019a9b3c-7d20-7002-8a00-00000000a002",
                "ce_source: /street/310106019000/intake", "ce_type: org.shao.ticket.submitted.v1",
                "ce_subject: 019a9b3c-7d20-7001-8a00-00000000a001", "ce_time: 2026-11-21T09:30:00.123+08:00",
                "ce_dataschema: urn:shao:schema:ticket.submitted:1", "ce_partitionkey: 019a9b3c-7d20-7001-8a00-00000000a001",
                "ce_sequence: 0000000007", "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            ])
    }

    @Test func `binary mode reads back as itself, with data untouched`() throws {
        let (back, bytes) = try CloudEvent.parse(headers: headers + [("shao-seq", [0xFF]), ("ce_other", [0x31])], value: data)
        #expect(back == event)
        #expect(bytes == data)
        #expect(back.shortType == "ticket.submitted.v1")
    }

    @Test func `structured mode reads back as itself`() throws {
        for contentType in ["application/cloudevents+json", "Application/CloudEvents+JSON; charset=UTF-8"] {
            let (back, bytes) = try CloudEvent.parse(
                headers: [("Content-Type", Array(contentType.utf8))], value: event.structured(data: data))
            #expect(back == event)
            #expect(bytes == data)
        }
    }

    @Test func `an event's own attributes come from the event`() throws {
        let ticket = try #require(TicketID("019a9b3c-7d20-7001-8a00-00000000a001"))
        let id = try #require(EventID("019a9b3c-7d20-7002-8a00-00000000a002"))
        let street = try #require(AreaCode("310106019000"))
        let made = CloudEvent(
            TicketWithdrawn(ticket: ticket), id: id, source: CloudEvent.source(street: street, .intake),
            time: Timestamp(milliseconds: 0), sequence: 3)
        #expect(made.type == "org.shao.ticket.withdrawn.v1")
        #expect(made.source == "/street/310106019000/intake")
        #expect(made.subject == ticket.description && made.partitionKey == ticket.description)
    }

    @Test func `a version other than 1.0 is refused`() {
        #expect(failure { $0["ce_specversion"] = "0.3" } == .specVersion)
        #expect(failure { $0["ce_specversion"] = "1.0 " } == .specVersion)
        #expect(failure { $0["ce_specversion"] = nil } == .specVersion)
    }

    @Test(arguments: ["id", "source", "type"])
    func `required attributes must be there and not empty`(name: String) {
        #expect(failure { $0["ce_\(name)"] = nil } == .missingAttribute)
        #expect(failure { $0["ce_\(name)"] = "" } == .missingAttribute)
    }

    @Test func `malformed attributes that the meaning rests on are refused`() {
        #expect(failure { $0["ce_type"] = "org.shao.Ticket Submitted" } == .badAttribute)
        #expect(failure { $0["ce_id"] = String(repeating: "x", count: 1_025) } == .badAttribute)
        #expect(failure(headers + [("ce_id", [0x31])], data) == .badAttribute)
        #expect(failure(headers.filter { $0.name != "ce_id" } + [("ce_id", [0xFF])], data) == .badAttribute)
        for name in ["ce_id", "ce_type", "ce_source", "ce_specversion", "ce_subject"] {
            #expect(failure(headers + [(name, bytes("other"))], data) == .badAttribute, "\(name) with two values")
        }
        #expect(failure(headers.filter { $0.name != "ce_id" } + [("ce_id", nil)], data) == .missingAttribute)
        #expect(failure(headers + [("Content-Type", bytes("text/plain"))], data) == .contentType)
        #expect(failure(headers + [("content-type", bytes("application/cloudevents+json"))], data) == .contentType)
    }

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    /// Each of these cost a department its word and its clock, though nobody had read the header.
    @Test func `what nothing rests on is never a reason to refuse`() throws {
        let trace = "00-1af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        let more: [(String, Headers)] = [
            ("two traces", [("traceparent", bytes(trace))]), ("a binary trace", [("traceparent", [0xFF])]),
            ("an unknown one", [("ce_vendor", bytes("x"))]),
            ("an unknown one twice", [("ce_vendor", bytes("x")), ("ce_vendor", bytes("y"))]),
            ("an unknown binary one", [("ce_vendor", [0xFF, 0])]), ("an unknown null", [("ce_vendor", nil)]),
            ("a long one", [("ce_vendor", [UInt8](repeating: 0x78, count: 5_000))]),
            ("Content-Type beside an equal one", [("Content-Type", bytes("application/json"))]),
            ("the same kind in other words", [("CONTENT-TYPE", bytes("Application/JSON; charset=utf-8"))]),
            ("a null content type", [("content-type", nil)]), ("the id twice", [("ce_id", bytes(event.id))]),
            ("the id and a null", [("ce_id", nil)]), ("two times", [("ce_time", bytes("2020-01-01T00:00:00Z"))]),
            ("two sequences", [("ce_sequence", bytes("8"))]), ("a null name", [("", nil)]),
        ]
        for (what, extra) in more {
            let (back, bytes) = try CloudEvent.parse(headers: headers + extra, value: data)
            #expect(back == event && bytes == data, "\(what)")
        }
        let odd: [(String, [UInt8]?)] = [
            ("ce_time", bytes("2026-11-21 09:30")), ("ce_time", nil), ("ce_time", [0xFF]), ("ce_sequence", bytes("seven")),
            ("ce_sequence", bytes("-7")), ("ce_sequence", nil), ("ce_subject", nil), ("ce_subject", []), ("ce_partitionkey", [0xFF]),
            ("ce_dataschema", nil), ("content-type", nil),
        ]
        for (name, value) in odd {
            let changed = headers.filter { $0.name != name } + [(name, value)]
            let (back, _) = try CloudEvent.parse(headers: changed, value: data)
            #expect(back.id == event.id && back.type == event.type, "\(name)")
            #expect(name != "ce_time" || back.time == nil)
            #expect(name != "ce_sequence" || back.sequence == nil)
            #expect(name != "ce_subject" || back.subject == nil)
        }
    }

    @Test func `structured mode passes over odd attributes that nothing rests on`() {
        let base = #""specversion":"1.0","id":"1","source":"/x","type":"a.v1","data":{}"#
        for more in [
            #""vendor":{"a":[1]}"#, #""vendor":null"#, #""vendor":1.5"#, #""time":"yesterday""#, #""time":7"#, #""sequence":"seven""#,
            #""dataschema":[]"#, #""subject":null"#, #""subject":"""#, #""vendor":"\#(String(repeating: "x", count: 2_000))""#,
        ] {
            #expect(structured("{\(base),\(more)}") == nil, "\(more)")
        }
        for more in [#""subject":{}"#, #""subject":"\#(String(repeating: "x", count: 2_000))""#, #""datacontenttype":["text/plain"]"#] {
            #expect(structured("{\(base),\(more)}") == .envelope, "\(more)")
        }
    }

    @Test func `data of another kind are refused`() {
        for type in ["text/plain", "application/xml", "application/json; charset=gb18030", "application/avro", ""] {
            #expect(failure { $0["content-type"] = type } == .contentType, "\(type)")
        }
        for type in ["application/json", "APPLICATION/JSON; charset=\"utf-8\"", "application/vnd.x+json"] {
            #expect(failure { $0["content-type"] = type } == nil, "\(type)")
        }
        #expect(failure { $0["content-type"] = nil } == nil)
        #expect(failure { $0["content-type"] = "application/cloudevents-batch+json" } == .contentType)
        #expect(failure { $0["content-type"] = "application/cloudevents+avro" } == .contentType)
    }

    @Test func `a record without data is refused: it would be a tombstone`() {
        #expect(failure(headers, []) == .noData)
        #expect(structured(#"{"specversion":"1.0","id":"1","source":"/x","type":"a.v1"}"#) == .noData)
        #expect(structured(#"{"specversion":"1.0","id":"1","source":"/x","type":"a.v1","data":null}"#) == .noData)
    }

    @Test func `a malformed trace context is dropped, not refused`() throws {
        for trace in [
            "", "00-0-0-01", "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-\(String(repeating: "0", count: 32))-b7ad6b7169203331-01",
        ] {
            let changed = headers.filter { $0.name != "traceparent" } + [("traceparent", Array(trace.utf8))]
            #expect(try CloudEvent.parse(headers: changed, value: data).event.traceparent == nil)
        }
    }

    private func structured(_ text: String) -> ContractError.Code? {
        failure([("content-type", Array("application/cloudevents+json".utf8))], Array(text.utf8))
    }

    @Test func `structured envelopes of another form are refused`() {
        #expect(structured("") == .noData)
        #expect(structured("[]") == .envelope)
        #expect(structured("{") == .envelope)
        #expect(structured(#"{"specversion":"1.0","specversion":"1.0","id":"1","source":"/x","type":"a","data":1}"#) == .envelope)
        #expect(structured(#"{"specversion":"1.0","id":{},"source":"/x","type":"a","data":1}"#) == .envelope)
        #expect(structured(#"{"specversion":1.0,"id":"1","source":"/x","type":"a","data":1}"#) == .envelope)
        #expect(structured(#"{"specversion":"1.0","id":"1","source":"/x","type":"a","data":{"a":1,"a":2}}"#) == .envelope)
        #expect(structured(#"{"id":"1","source":"/x","type":"a","data":1}"#) == .specVersion)
        #expect(structured(#"{"specversion":"1.0","id":"1","source":"/x","type":"a","data_base64":"AA=="}"#) == .contentType)
        #expect(
            structured(#"{"specversion":"1.0","id":"1","source":"/x","type":"a","datacontenttype":"text/xml","data":"x"}"#) == .contentType)
        #expect(structured(#"{"specversion":"1.0","id":"1","source":"/x","type":"a","time":null,"ext":true,"data":1}"#) == nil)
    }

    @Test func `an error names what is wrong and repeats no data`() {
        let error = #expect(throws: ContractError.self) {
            try CloudEvent.parse(headers: headers.filter { $0.name != "ce_source" }, value: data)
        }
        #expect(error?.description == "missing-attribute: the attribute source must be there and not empty")
    }
}
