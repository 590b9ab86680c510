import Contracts
import TestKit
import Testing

@testable import Intake

extension IntakeService {
    @Suite struct `How much may be said` {
        @Test func `two thousand Chinese characters are taken at both doors, one more is not`() async throws {
            try await World.with { world in
                let most = String(repeating: "满", count: 2_000)
                let taken = try await world.send(Request.json(#"{"plate":"ANWVVR1E","text":"\#(most)"}"#))
                #expect(taken.status == 201)
                #expect(try await world.send(.form(Form(["plate": World.plate, "text": most]))).status == 201)
                for answer in [
                    try await world.send(Request.json(#"{"plate":"ANWVVR1E","text":"\#(most)满"}"#)),
                    try await world.send(.form(Form(["plate": World.plate, "text": most + "满"]))),
                ] {
                    #expect(answer.status == 422 && answer.member("code") == "text-too-long")
                }
                #expect(try await world.rows()[0] == 2)
            }
        }
    }
}
