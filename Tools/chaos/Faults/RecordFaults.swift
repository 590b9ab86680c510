import Contracts
import EventLoop
import Kafka

/// Records on the topics that their owner did not write there, or not in this order.
enum RecordFaults {
    static let all: [Fault] = [duplicated, reordered, corrupt, forged, foreignHistory, feedback]

    private static let duplicated = Fault(
        name: "records.duplicated", title: "old records once more, at the end", bites: ["shao_duplicates_total"]
    ) { scene in
        let forger = Forger(scene)
        let old = try await forger.overhear(Topics.cases, atMost: 300) + forger.overhear(Topics.tickets, atMost: 200)
        try await forger.send(old.map { forger.copy($0) })
        return Evidence("\(old.count) records repeated", wasFelt: old.isEmpty ? false : nil)
    }

    private static let reordered = Fault(
        name: "records.reordered", title: "the newest records again, backwards", bites: ["shao_duplicates_total", "shao_gaps_total"]
    ) { scene in
        let forger = Forger(scene)
        let new = try await forger.overhear(Topics.cases, atMost: 5_000).suffix(200)
        try await forger.send(new.reversed().map { forger.copy($0) })
        return Evidence("\(new.count) records backwards", wasFelt: new.isEmpty ? false : nil)
    }

    /// Bits flipped in the value, a value cut short, one that is too large, headers of another kind.
    private static let corrupt = Fault(
        name: "records.corrupt", title: "flipped bits, cut values, strange headers",
        bites: ["shao_foreign_records_total", "shao_forged_records_total", "shao_duplicates_total"]
    ) { scene in
        let forger = Forger(scene)
        let some = try await forger.overhear(Topics.cases, atMost: 5_000).suffix(20)
        var records: [KafkaRecord] = []
        for message in some {
            var value = message.value ?? []
            if !value.isEmpty { value[value.count / 2] ^= 0x10 }
            records.append(forger.copy(message, value: value))
            records.append(forger.copy(message, value: Array(value.prefix(value.count / 3))))
            records.append(forger.copy(message, headers: []))
            records.append(forger.copy(message, headers: message.headers.map { KafkaHeader($0.name, [0xFF, 0, 0xFE]) }))
            records.append(
                KafkaRecord(
                    topic: message.topic, partition: message.partition, key: nil, value: [UInt8](repeating: 0x7B, count: 600_000),
                    headers: []))
        }
        try await forger.send(records)
        return Evidence("\(records.count) records", wasFelt: records.isEmpty ? false : nil)
    }

    /// The next number of a partition, with a hash that nobody without the key can make.
    private static let forged = Fault(
        name: "records.forged", title: "a stranger writes the next record of partitions", bites: ["shao_forged_records_total"]
    ) { scene in try await strangers(scene, steps: [1]) }

    private static let foreignHistory = Fault(
        name: "records.future", title: "a stranger writes records far ahead", bites: ["shao_forged_records_total", "shao_gaps_total"]
    ) { scene in try await strangers(scene, steps: [40, 41, 42]) }

    private static func strangers(_ scene: Scene, steps: [Int64]) async throws -> Evidence {
        let forger = Forger(scene)
        // A partition at rest takes the forged number before its owner does.
        await scene.load.rest()
        try await scene.quiet.wait(within: .seconds(60))
        var last: [Int32: KafkaMessage] = [:]
        for message in try await forger.overhear(Topics.cases, atMost: 200_000) { last[message.partition] = message }
        let records = last.values.flatMap { message in
            steps.compactMap { step -> KafkaRecord? in
                guard let seq = message.header("shao-seq").flatMap({ Int64(String(decoding: $0, as: UTF8.self)) }) else { return nil }
                let headers = message.headers.map { header in
                    switch header.name {
                    case "shao-seq": KafkaHeader(header.name, "\(seq + step)")
                    case "shao-hash": KafkaHeader(header.name, "00112233445566778899aabbccddeeff")
                    default: header
                    }
                }
                return forger.copy(message, headers: headers)
            }
        }
        try await forger.send(records)
        try await Wait.pass(.seconds(1))
        scene.load.begin()
        try await Wait.pass(.seconds(3))
        return Evidence("\(records.count) records on \(last.count) partitions", wasFelt: records.isEmpty ? false : nil)
    }

    private static let feedback = Fault(
        name: "records.feedback", title: "departments speak of dispatches that do not exist", bites: ["shao_foreign_refused_total"]
    ) { scene in
        try await Forger(scene).feedbackNobodyAskedFor(50)
        try await Wait.pass(.seconds(2))
        return Evidence("50 words nobody asked for")
    }
}
