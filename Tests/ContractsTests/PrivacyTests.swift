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
        for good in ["staff:0198a7c2-1f00-7abc-8def-0123456789ab", "department:water", "rule:catalogue", "clock"] {
            #expect(Actor(good)?.description == good)
        }
        for bad in ["", "王工", "Wang Gong", "wang@example.org", "a b", String(repeating: "a", count: 65)] {
            #expect(Actor(bad) == nil)
        }
    }
}
