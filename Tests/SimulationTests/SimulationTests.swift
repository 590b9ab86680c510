import Simulation
import Testing

@Suite struct SimulationTests {
    @Test func `a thousand simulated worlds come right`() {
        let campaign = Campaign()
        for seed in 1...UInt64(1000) {
            let violations = campaign.run(Scenario(seed: seed))
            #expect(violations.isEmpty, "simulate --one \(seed)")
            if !violations.isEmpty { break }
        }
        #expect(campaign.worlds == 1000)
    }
}
