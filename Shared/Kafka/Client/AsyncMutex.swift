/// Lets one caller at a time through a stretch with suspensions, in the order they came. Part of an actor's state.
struct AsyncMutex {
    private final class Queue {
        var taken = false
        var waiting: [CheckedContinuation<Void, Never>] = []
        var next = 0
    }
    private let queue = Queue()

    func take() async {
        if !queue.taken {
            queue.taken = true
            return
        }
        await withCheckedContinuation { queue.waiting.append($0) }
    }

    func pass() {
        if queue.next < queue.waiting.count {
            let waiter = queue.waiting[queue.next]
            queue.next += 1
            if queue.next == 256 {  // under steady contention the list never runs empty
                queue.waiting.removeFirst(queue.next)
                queue.next = 0
            }
            waiter.resume()
            return
        }
        queue.waiting.removeAll(keepingCapacity: true)
        queue.next = 0
        queue.taken = false
    }
}
