import Contracts
import EventLog
import Foundation
import Postgres
import TestKit
import Testing

@testable import Intake
@testable import ServiceKit

extension IntakeService {
    @Suite struct `Private links` {
        @Test func `the link opens its ticket, a forged one and one of another kind open nothing`() async throws {
            try await World.with { world in
                let filed = try await world.file()
                #expect(try await world.get(filed.link).status == 200)
                let bytes = Array(filed.token)
                for place in [0, 5, 21, 30, 42] {
                    var forged = bytes
                    forged[place] = forged[place] == "A" ? "B" : "A"
                    #expect(try await world.get("/s/" + String(forged)).status == 404)
                }
                let evaluation = world.links.token(.evaluation, filed.id)
                let photo = String(world.links.photo(PhotoID(UUID()), of: filed.id).dropFirst(3))
                for odd in [evaluation, photo, filed.id.description, "x", String(repeating: "A", count: 43)] {
                    #expect(try await world.get("/s/" + odd).status == 404, "\(odd)")
                }
                // A good token of a ticket that does not exist.
                #expect(try await world.get(world.links.path(.status, TicketID(UUID()))).status == 404)
            }
        }

        @Test func `the interface tells a ticket to who holds its link and to the staff whose case it is`() async throws {
            try await World.with { world in
                let filed = try await world.file(#"{"plate":"ANWVVR1E","text":"满了"}"#)
                let other = try await world.file()
                let path = "/v1/tickets/\(filed.id)"
                #expect(try await world.get(path).status == 404)
                #expect(try await world.get(path, [("Authorization", "Bearer \(other.token)")]).status == 404)
                #expect(try await world.get(path + "?token=\(world.links.token(.evaluation, filed.id))").status == 404)
                let answer = try await world.get(path, [("Authorization", "Bearer \(filed.token)")])
                #expect(answer.status == 200 && answer.member("number") == filed.number && answer.member("text") == "满了")
                #expect(answer.header("cache-control") == "no-store")
                // No case yet, so no community's.
                let staff = [("Authorization", "Bearer \(World.staffToken)")]
                #expect(try await world.get(path, staff).status == 404)
                try await world.hear(CaseEventSamples(filed).events(["case.opened"]))
                #expect(try await world.get(path, staff).status == 200)
                #expect(try await world.get("/v1/tickets/\(other.id)", staff).status == 404)
                #expect(try await world.get("/v1/tickets/not-an-id", staff).status == 404)
            }
        }

        @Test func `a unit's staff see their own cases' words and no others`() throws {
            var snapshot = try CaseEventSamples.snapshot(TicketID(UUID()), number: "GD-20261121-000123-7")
            snapshot.area = try #require(AreaCode("310106019002"))
            func may(_ role: StaffRole, _ organisation: String) -> Bool {
                FetchTicket.concerns(snapshot, StaffMember(name: "", role: role, organisation: organisation))
            }
            #expect(may(.community, "310106019002") && !may(.community, "310106019001"))
            #expect(may(.department, "greening") && may(.department, "water") && !may(.department, "fire"))
            #expect(may(.street, "310106019000") && !may(.street, "310106020000") && !may(.caller, "310106019000"))
            #expect(may(.district, "310106000000") && !may(.district, "310107000000"))
            #expect(may(.admin, "310106019000") && !may(.admin, "310106020000") && !may(.supervisor, "x"))
            #expect(!FetchTicket.concerns(nil, StaffMember(name: "", role: .street, organisation: "310106019000")))
            #expect(!FetchTicket.concerns(nil, StaffMember(name: "", role: .community, organisation: "310106019001")))
        }

        @Test(.enabled(if: Pictures.workerIsBuilt, "the photoworker program is not built"))
        func `a photo opens by its own token only, and says what it is`() async throws {
            try await World.with { world in
                let filed = try Filed(try await world.send(.form(Form(["plate": World.plate]).with(photos: SmallPNG.plain(20, 20)))))
                let photo = try #require(try await world.pool.query("SELECT id FROM photo", as: PhotoID.self).first)
                let path = world.links.photo(photo, of: filed.id)
                let answer = try await world.get(path)
                #expect(answer.status == 200 && answer.header("content-type") == "image/jpeg")
                #expect(answer.header("x-content-type-options") == "nosniff")
                #expect(answer.header("content-security-policy")?.contains("sandbox") == true)
                let foreign = String(world.links.photo(PhotoID(UUID()), of: filed.id).dropFirst(3))
                let forged = String(path.dropFirst(3).dropLast()) + (path.hasSuffix("A") ? "B" : "A")
                for odd in [filed.token, foreign, forged, world.links.token(.status, photo), photo.description] {
                    #expect(try await world.get("/p/" + odd).status == 404)
                }
            }
        }

        @Test(.enabled(if: Pictures.workerIsBuilt, "the photoworker program is not built"))
        func `an address made for another ticket, and one whose time is over, open no photo`() async throws {
            try await World.with { world in
                let form = Form(["plate": World.plate]).with(photos: SmallPNG.plain(20, 20))
                let filed = try Filed(try await world.send(.form(form)))
                let other = try await world.file()
                let photo = try #require(try await world.pool.query("SELECT id FROM photo", as: PhotoID.self).first)
                #expect(try await world.get(world.links.photo(photo, of: other.id)).status == 404)
                let end = world.clock.now().adding(.seconds(60))
                let path = world.links.photo(photo, of: filed.id, until: end)
                #expect(try await world.get(path).status == 200)
                world.clock.advance(.seconds(61))
                #expect(try await world.get(path).status == 404)
                #expect(try await world.get(world.links.photo(photo, of: filed.id)).status == 200)
            }
        }

        @Test func `a contact is told to the services alone, and each telling is written down`() async throws {
            try await World.with { world in
                let filed = try await world.file(#"{"plate":"ANWVVR1E","text":"a","contact":{"phone":"13800138000"}}"#)
                let path = "/internal/contacts/\(filed.id)?reader=notification&purpose=case.closed"
                let service = [("Authorization", world.serviceToken)]
                #expect(try await world.get(path).status == 404, "not on the public port")
                #expect(try await world.send(Request("GET", path), admin: true).status == 401)
                let forged = Request("GET", path, headers: [("Authorization", "Bearer x")])
                #expect(try await world.send(forged, admin: true).status == 401)
                #expect(try await world.readings().isEmpty)
                let told = try await world.send(Request("GET", path, headers: service), admin: true)
                #expect(told.status == 200 && told.member("phone") == "13800138000")
                #expect(try await world.readings() == ["notification case.closed"])
                let nobody = Request("GET", "/internal/contacts/\(UUID().uuidString.lowercased())?reader=a&purpose=b", headers: service)
                #expect(try await world.send(nobody, admin: true).status == 404)
                let unsaid = Request("GET", "/internal/contacts/\(filed.id)", headers: service)
                #expect(try await world.send(unsaid, admin: true).member("code") == "bad-query")
            }
        }

        @Test func `nothing personal is logged, and a contact can be erased alone`() async throws {
            try await World.with { world in
                let canaries = ["13912345678", "王小明canary", "unlucky-canary-key"]
                let body = #"{"plate":"ANWVVR1E","text":"我是王小明canary","contact":{"phone":"13912345678"}}"#
                let filed = try await world.file(body, key: "unlucky-canary-key")
                _ = try await world.send(Request.json(body.replacing("小", with: "大")).with("Idempotency-Key", "unlucky-canary-key"))
                _ = try await world.send(Request.json(#"{"plate":"13912345678","text":"王小明canary"}"#))
                _ = try await world.send(.form(Form(["plate": World.plate, "text": "王小明canary", "phone": "139123456789999"])))
                _ = try await world.get(filed.link + "?new=1")
                _ = try await world.get("/?find=13912345678")
                // What cannot be stored at all: the row's own text must not come out with the error.
                try await world.pool.execute("ALTER TABLE ticket ADD CONSTRAINT no_words CHECK (words IS NULL)  NOT VALID")
                let failed = try await world.send(Request.json(#"{"plate":"ANWVVR1E","text":"王小明canary"}"#))
                #expect(failed.status == 500 && failed.member("code") == "not-filed")
                #expect(world.log.text.contains("a group of tickets was not filed"))
                for canary in canaries + [filed.token] { #expect(!world.log.text.contains(canary), "\(canary)") }
                try await world.pool.execute("DELETE FROM contact WHERE ticket = \(filed.id)")
                #expect(try await world.get(filed.link).status == 200)
                #expect(try await world.rows()[0] == 1)
            }
        }
    }
}

extension World {
    /// Who read a contact, and why.
    func readings() async throws -> [String] {
        try await pool.query("SELECT reader || ' ' || purpose FROM contact_reading ORDER BY id", as: String.self)
    }
}
