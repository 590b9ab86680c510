import EventLog

extension World {
    /// How the models behave now.
    func setHabits() {
        let faults = isCalm ? [] : scenario.faults
        func if_(_ fault: Faults, _ value: Int) -> Int { faults.contains(fault) ? value : 0 }
        var habits = ServerHabits()
        habits.latency = if_(.slowness, 120_000) + 2_000
        habits.sync = if_(.slowness, 150_000) + 4_000
        habits.refusals = if_(.ownerErrors, 60)
        habits.lostAnswers = if_(.ownerErrors, 60)
        habits.conflicts = if_(.ownerErrors, 30)
        owner.habits = habits
        habits.refusals = if_(.consumerErrors, 50)
        habits.lostAnswers = if_(.consumerErrors, 50)
        habits.conflicts = if_(.consumerErrors, 30)
        for service in services {
            service.database.habits = habits
            service.handler.passing = if_(.consumerErrors, 20)
        }
        var broker = KafkaModel.Habits()
        broker.latency = if_(.slowness, 200_000) + 3_000
        broker.duplicates = if_(.duplicates, 250)
        broker.lateSessions = if_(.lateSessions, 150)
        broker.failedDeliveries = if_(.failedDeliveries, 200)
        broker.fatal = if_(.failedDeliveries, 60)
        broker.corruption = if_(.corruption, 40)
        broker.lostPositions = if_(.lostPositions, 400)
        // No setting of a broker changes when faults end.
        broker.isUnsafe = scenario.faults.contains(.unsafeKafka)
        kafka.habits = broker
        door.habits = OwnerDoor.Habits(drops: if_(.ownerDoorDrops, 200), latency: if_(.slowness, 300_000) + 3_000)
    }

    func disturb(_ event: Scenario.Disturbance) {
        if isCalm { return }
        note("\(event.kind) \(event.target) for \(event.length)")
        switch event.kind {
        case .kill, .stop, .restartAll: disturbProcesses(event)
        case .ownerCrash: owner.crash(downFor: event.length)
        case .ownerBackup: owner.takeBackup()
        case .ownerRestore:
            if owner.restore(event.target % 2 == 0 ? .promotion : .dump, downFor: event.length) { wasRestored = true }
        case .truncate: kafka.truncate(event.target)
        case .wipe: event.target % 3 == 2 ? kafka.deleteTopics() : kafka.wipe(topicsRemain: event.target % 2 == 0)
        case .brokerAway: kafka.goAway(for: event.length)
        case .forge: kafka.forge(event.target)
        case .refuse:
            let limit = Writers.sizes.lowerBound + event.target / 4 % (Writers.sizes.count - 1)
            kafka.refuse(above: limit, for: event.target % 4 == 3 ? nil : event.length)
        case .ownerDoorAway: door.goAway(for: event.length)
        case .rebalance: kafka.rebalance(event.target % services.count)
        case .longTransaction: writers?.plan(at: 0, holding: event.length)
        case .listenerBackup: services[event.target % services.count].database.takeBackup()
        case .listenerRestore:
            _ = services[event.target % services.count].database.restore(event.target % 2 == 0 ? .promotion : .dump, downFor: event.length)
        case .consumerCrash: services[event.target % services.count].database.crash(downFor: event.length)
        case .poison:
            services[event.target % services.count].poison(
                event, subjects: scenario.subjects, flood: scenario.faults.contains(.poisonFlood))
        }
    }

    private func disturbProcesses(_ event: Scenario.Disturbance) {
        switch event.kind {
        case .kill:
            tally.kills += 1
            pick(replicas, event.target)?.kill(restartAfter: event.length)
        case .stop:
            guard let replica = pick(replicas, event.target), replica.machine.state == .running else { return }
            tally.stops += 1
            let machine = replica.machine
            machine.stop()
            scheduler.after(event.length) { machine.resume() }
        default:
            tally.kills += replicas.count
            for replica in replicas { replica.kill(restartAfter: event.length) }
        }
    }
}
