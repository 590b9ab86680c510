extension World {
    /// What the models did in this world, by name: a fault that never bites proves nothing.
    var bites: [String: Int] {
        let (pg, k, d) = (owner.tally, kafka.tally, door.tally)
        return [
            "owner: statements refused": pg.refused, "owner: answers lost": pg.answersLost, "owner: conflicts": pg.conflicts,
            "owner: crashes": pg.crashes, "owner: commits lost in a crash": pg.commitsLost, "owner: restores": pg.restores,
            "owner: sessions cut": pg.sessionsCut, "owner: transactions aborted": writers?.aborted ?? 0,
            "owner: transactions committed": writers?.committed ?? 0,
            "kafka: records appended": k.appended, "kafka: duplicated": k.duplicated, "kafka: batches of an old session": k.arrivedLate,
            "kafka: batches failed": k.failed, "kafka: lost with acks=0": k.unsafeLosses, "kafka: acknowledged tails cut": k.truncated,
            "kafka: wipes": k.wipes, "kafka: records forged": k.forged, "kafka: records corrupted": k.corrupted,
            "kafka: positions lost": k.skipped, "kafka: times away": k.refusals, "kafka: fatal errors": k.fatals,
            "kafka: rebalances": k.rebalances, "kafka: clients made anew": k.rejoins, "kafka: topics deleted": k.deletions,
            "kafka: records refused": k.refusedRecords, "kafka: records refused with their batch": k.refusedBatches,
            "door: served": d.served, "door: dropped": d.dropped, "door: refused": d.refused,
            "listener: crashes": services.reduce(0) { $0 + $1.database.tally.crashes },
            "listener: commits lost in a crash": services.reduce(0) { $0 + $1.database.tally.commitsLost },
            "listener: answers lost": services.reduce(0) { $0 + $1.database.tally.answersLost },
            "listener: handler failures": services.reduce(0) { $0 + $1.handler.failures },
            "listener: subjects unparked": services.reduce(0) { $0 + $1.unparked },
            "listener: restores": services.reduce(0) { $0 + $1.database.tally.restores },
            "listener: audits": services.reduce(0) { $0 + $1.audits },
            "processes: killed": tally.kills, "processes: stopped": tally.stops,
        ]
    }
}
