import Contracts
import JSON
import Testing

@testable import Routing

struct CaseDocumentTests {
    /// Deterministic, so that a failure can be seen again.
    struct Dice: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 29)
        }
    }

    @Test(arguments: [HandlingLevel.community, .street, .department])
    func `a case is read back as it was written, wherever its life leads`(level: HandlingLevel) throws {
        let world = try CaseWorld(reopenLimit: 2)
        var dice = Dice(state: UInt64(level.rawValue.utf8.count))
        var seen: Set<CaseState> = []
        for life in 0..<60 {
            var one = try world.open(level, unclear: life % 7 == 0)
            var now = world.start
            for _ in 0..<60 {
                let commands = try world.commands(for: one, at: now)
                guard let command = commands.randomElement(using: &dice),
                    let actor = try world.actors(for: command, on: one).randomElement(using: &dice)
                else { continue }
                let instant = world.instant(of: command, on: one, after: now)
                guard let decision = try? CaseTable.decide(one, command, by: actor, at: instant, in: world.context) else { continue }
                one = decision.after
                now = instant
                seen.insert(one.state)
                #expect(try JSONReader.decode(Case.self, from: one.json) == one)
            }
        }
        #expect(seen.count >= 8)
    }

    @Test func `a document with an unknown member, another form or a missing part is refused`() throws {
        let one = try CaseWorld().open()
        let text = String(decoding: one.json, as: UTF8.self)
        let wrong = [
            text.replacing("\"form\":1", with: "\"form\":2"), text.replacing("\"form\":1", with: "\"form\":1,\"more\":0"),
            text.replacing("\"isContacted\":false,", with: ""), text.replacing("\"state\":\"reported\"", with: "\"state\":\"lost\""),
            text.replacing("naturalHours", with: "naturalEons"), text + "}",
        ]
        for document in wrong {
            #expect(document != text)
            #expect(throws: JSONError.self) { try JSONReader.decode(Case.self, from: Array(document.utf8)) }
        }
    }

    @Test func `every word that has a date keeps it to the millisecond`() throws {
        let one = try CaseWorld().open()
        let copy = try JSONReader.decode(Case.self, from: one.json)
        #expect(copy.submittedAt.milliseconds == one.submittedAt.milliseconds)
        #expect(copy.clocks.map(\.dueAt) == one.clocks.map(\.dueAt))
    }
}
