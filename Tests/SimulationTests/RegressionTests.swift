import Simulation
import Testing

/// What simulation has found, as small as it could be made. Each is run with many seeds: which interleaving it needs depends on every
/// job of the loops, so one seed would soon show nothing.
struct Regression: CustomTestStringConvertible, Sendable {
    let found: String
    let faults: Faults
    var transactions = 20
    /// Milliseconds.
    var asideInterval = 30_000
    let disturbances: [Scenario.Disturbance]
    var testDescription: String { found }

    static let all: [Regression] = [
        Regression(
            found: "rows seen by a window are lost in a crash before the window is won, and get numbers all the same",
            faults: [.slowness, .bursts], transactions: 60,
            disturbances: [
                .init(.ownerCrash, at: 300_000, length: 50_000), .init(.ownerCrash, at: 900_000, length: 50_000),
                .init(.ownerCrash, at: 1_500_000, length: 50_000), .init(.ownerCrash, at: 2_100_000, length: 50_000),
            ]),
        Regression(
            found: "an asynchronous commit is lost with the consumer's server, and the consumer remembers it",
            faults: [],
            disturbances: [.init(.consumerCrash, at: 3_700_000, length: 80_000), .init(.consumerCrash, at: 3_950_000, length: 20_000)]),
        Regression(
            found: "a partition is assigned, brings nothing, and is never compared with its owner",
            faults: [], transactions: 2, disturbances: [.init(.wipe, at: 1_700_000, target: 1, length: 0)]),
        Regression(
            found: "a restored database has no cursors, and every commit is refused",
            faults: [], transactions: 5,
            disturbances: [.init(.listenerBackup, at: 0), .init(.listenerRestore, at: 30_000, length: 20_000)]),
        Regression(
            found: "whoever watched the broker for a lead has failed, and the lead goes on and never sees that the broker is empty",
            faults: [.ownerErrors, .duplicates, .slowness],
            disturbances: [.init(.wipe, at: 4_800_000, target: 1, length: 100_000), .init(.wipe, at: 9_700_000, target: 1, length: 55_000)]),
        Regression(
            found: "a topic is gone while all that is due there is held back, and nobody makes it again",
            faults: [],
            disturbances: [.init(.refuse, at: 0, length: 3_990_000), .init(.wipe, at: 3_980_000, target: 2)]),
        Regression(
            found: "a topic is made anew in passing, and what had been there is counted back from its end past what is held back",
            faults: [], transactions: 40, asideInterval: 200,
            disturbances: [.init(.refuse, at: 300_000, target: 27), .init(.wipe, at: 2_100_000, target: 2)]),
        Regression(
            found: "what is held back is lost with the owner's server, and the publisher remembers it as sent",
            faults: [.slowness], transactions: 40, asideInterval: 3000,
            disturbances: [
                .init(.wipe, at: 1_000_000, target: 2), .init(.refuse, at: 1_100_000, target: 20, length: 2_800_000),
                .init(.ownerCrash, at: 3_200_000, length: 10_000), .init(.ownerCrash, at: 3_500_000, length: 10_000),
            ]),
        Regression(
            found: "windows of a history that the owner's server has lost are sent in the place of those of now",
            faults: [.slowness, .bursts], transactions: 60,
            disturbances: [
                .init(.ownerBackup, at: 300_000), .init(.ownerRestore, at: 900_000, length: 60_000),
                .init(.ownerRestore, at: 1_700_000, target: 1, length: 60_000), .init(.ownerRestore, at: 2_500_000, length: 60_000),
            ]),
    ]
}

@Suite struct RegressionTests {
    @Test(arguments: Regression.all) func `what was found once stays away`(regression: Regression) {
        let campaign = Campaign()
        for seed in 1...150 as ClosedRange<UInt64> {
            var scenario = Scenario(
                seed: seed, faults: regression.faults, transactions: regression.transactions, disturbances: regression.disturbances)
            scenario.asideInterval = regression.asideInterval * 1000
            let violations = campaign.run(scenario)
            #expect(violations.isEmpty, "seed \(seed)")
            if !violations.isEmpty { break }
        }
    }
}
