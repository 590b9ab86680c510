import EventLoop
import Synchronization

/// The street's everyday life, which can be stopped and taken up again.
final class Load: Sendable {
    let journal: Journal
    let residents: Residents
    private let staff: Staff
    private let departments: Departments
    private let persons: Int
    private let pause: Duration
    private let isOn = Atomic<Bool>(false)
    private let tasks = Mutex<[Task<Void, Never>]>([])
    private let department = Mutex<Task<Void, Never>?>(nil)

    /// - Parameter rate: reports a second, about.
    init(_ street: Street, _ demo: Demo, rate: Double, seed: UInt64) throws {
        journal = try Journal("\(street.environment.state)/journal")
        residents = Residents(street, demo, journal, seed: seed)
        staff = try Staff(street, residents, run: "chaos-\(seed)")
        departments = Departments(broker: street.broker, departments: demo.departments)
        persons = max(1, Int(rate / 2))
        pause = .milliseconds(Int64(Double(persons) / max(0.1, rate) * 1000))
    }

    /// Residents and the staff; departments go on by themselves.
    func begin() {
        guard !isOn.exchange(true, ordering: .relaxed) else { return }
        department.withLock { task in
            guard task == nil else { return }
            let departments = departments
            task = Task(executorPreference: EventLoop.shared) { await departments.work() }
        }
        let persons = (0..<persons).map { _ in
            Task(executorPreference: EventLoop.shared) { [self] in
                await residents.report(every: pause) { self.isOn.load(ordering: .relaxed) }
            }
        }
        let work = Task(executorPreference: EventLoop.shared) { [self] in
            await staff.work { self.isOn.load(ordering: .relaxed) }
        }
        tasks.withLock { $0 = persons + [work] }
    }

    /// Returns when nobody waits for an answer any more.
    func rest() async {
        isOn.store(false, ordering: .relaxed)
        for task in tasks.withLock({ $0 }) { await task.value }
    }

    /// Departments too.
    func end() async {
        isOn.store(false, ordering: .relaxed)
        for task in tasks.withLock({ $0 }) { task.cancel() }
        for task in tasks.withLock({ $0 }) { await task.value }
        await endDepartments()
    }

    func endDepartments() async {
        let task = department.withLock { task in
            defer { task = nil }
            return task
        }
        task?.cancel()
        await task?.value
    }

    /// The databases are new.
    func forget() {
        journal.forget()
        staff.forget()
    }
}
