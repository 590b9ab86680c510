import EventLoop

/// What happens between a process and its servers.
enum NetworkFaults {
    static let all: [Fault] =
        ["Postgres", "Kafka", "doors"].flatMap { server in
            [
                fault("cut", "cut for 4 s", server, .cut),
                fault("silent", "silent for 8 s: half-open connections", server, .silent, seconds: 8),
                fault("one-way-up", "what is asked is lost for 6 s", server, Link.Conditions(losesUp: true), seconds: 6),
                fault("one-way-down", "what is answered is lost for 6 s", server, Link.Conditions(losesDown: true), seconds: 6),
                fault("delay", "200 ms later for 6 s", server, Link.Conditions(delay: .milliseconds(200)), seconds: 6),
                fault("crumbs", "seven bytes at a time for 5 s", server, Link.Conditions(delay: .milliseconds(1), piece: 7), seconds: 5),
                fault(
                    "storm", "every connection is reset after 300 ms, for 6 s", server, Link.Conditions(age: .milliseconds(300)), seconds: 6
                ),
            ]
        } + [flapping]

    private static func fault(_ name: String, _ words: String, _ server: String, _ conditions: Link.Conditions, seconds: Int = 4) -> Fault {
        Fault(name: "network.\(server.lowercased()).\(name)", title: "services → \(server): \(words)") { scene in
            let links = scene.street.all.map { server == "Kafka" ? $0.kafka : server == "doors" ? $0.doors : $0.postgres }
            let before = felt(links)
            for link in links { link.set(conditions) }
            // The doors are asked for what Kafka does not bring.
            if server == "doors" {
                await scene.street.broker.kill()
                try await scene.street.broker.restartEmpty()
            }
            try await Wait.pass(.seconds(seconds))
            for link in links { link.set(.fine) }
            let after = felt(links)
            let (resets, held) = (after.resets - before.resets, after.held - before.held)
            return Evidence("\(resets) resets, \(held) pieces held", wasFelt: resets + held > 0)
        }
    }

    /// One service after the other is alone for a while.
    private static let flapping = Fault(name: "network.flapping", title: "each link of each service is cut in turn") { scene in
        var chance = scene.chance("flapping")
        let links = scene.street.all.flatMap { [$0.postgres, $0.kafka] }
        let before = felt(links)
        for link in links.shuffled(using: &chance) {
            link.set([.cut, .silent].randomElement(using: &chance) ?? .cut)
            try await Wait.pass(.milliseconds(900))
            link.set(.fine)
        }
        return Evidence("\(felt(links).resets - before.resets) resets", wasFelt: true)
    }

    private static func felt(_ links: [Link]) -> (resets: Int, held: Int) {
        links.reduce((0, 0)) { sum, link in
            let felt = link.felt
            return (sum.0 + felt.resets, sum.1 + felt.held)
        }
    }
}
