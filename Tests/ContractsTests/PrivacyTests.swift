import Contracts
import JSON
import Testing

/// Events travel far: what they may hold is a list that somebody has to change on purpose.
struct PrivacyTests {
    @Test(arguments: EventRegistry.all)
    func `an event declares the approved members and no other`(_ kind: EventKind) throws {
        let event = try kind.decode(try Repository.bytes(Repository.golden(kind.versionedType)))
        let members = Mirror(reflecting: event).children.compactMap(\.label)
        #expect(members == ApprovedMembers.events[kind.type])
    }

    @Test(arguments: EventRegistry.all)
    func `what stands within an event is approved as well`(_ kind: EventKind) throws {
        let schema = try Repository.json(Repository.schema(kind.type, kind.version))
        for definition in schema["$defs"]?.members ?? [] {
            #expect(definition.value["properties"]?.members.map(\.name) == ApprovedMembers.nested[definition.name])
        }
    }

    @Test(arguments: Repository.shared)
    func `what stands within many events is approved as well`(_ name: String) throws {
        let schema = try Repository.json(Repository.schema(name, 1))
        let title = try #require(schema["title"]?.text)
        for (name, definition) in [(title, schema)] + (schema["$defs"]?.members ?? []).map({ ($0.name, $0.value) }) {
            #expect(definition["properties"]?.members.map(\.name) == ApprovedMembers.nested[name], "\(name)")
        }
    }

    @Test func `no member is named as personal data are`() {
        let lists = Array(ApprovedMembers.events.values) + Array(ApprovedMembers.nested.values)
        let names = Set(lists.joined().map { $0.lowercased() })
        let forbidden = [
            "phone", "mobile", "email", "mail", "address", "contact", "resident", "reporter", "birth", "idcard", "openid",
            "fullname", "ip", "user",
        ]
        for name in names.subtracting(["hascontact", "contacted", "contact"]) {
            #expect(!forbidden.contains { name == $0 || (name.contains($0) && $0.count > 4) }, "\(name)")
        }
        // `contact` is a due time for the lead unit, `name` is that of a place, plate, area or department.
        #expect(ApprovedMembers.nested["DispatchDue"]?.contains("contact") == true)
    }

    @Test func `an actor is a code, not a name or an address`() {
        for good in ["resident", "community:310106019001", "street:310106019000", "district:310106000000", "department:water", "clock"] {
            #expect(Actor(good)?.description == good)
        }
        for bad in [
            "", "王工", "Wang Gong", "wang@example.org", "staff:1", "clock:", "resident:water", "street", "street:310106019001",
            "department:Water", "district:310000000000",
        ] { #expect(Actor(bad) == nil, "\(bad)") }
    }

    @Test func `an actor of a record has a unit just where its role has one`() throws {
        let good = #"{"role":"street","unit":"310106019000","person":"0198a7c2-1f00-7abc-8def-0123456789ab"}"#
        #expect(try JSONReader.decode(Actor.self, from: Array(good.utf8)).json == Array(good.utf8))
        for bad in [
            #"{"role":"street"}"#, #"{"role":"street","unit":"water"}"#, #"{"role":"clock","unit":"water"}"#, #"{"unit":"water"}"#,
            #"{"role":"department","unit":"water","person":"王工"}"#,
        ] { #expect(throws: JSONError.self, "\(bad)") { try JSONReader.decode(Actor.self, from: Array(bad.utf8)) } }
    }
}
