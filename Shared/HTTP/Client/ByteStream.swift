internal import Synchronization

/// A body that arrives in pieces. One reader; leaving it (or dropping it) ends the transfer.
public final class ByteStream: AsyncSequence, AsyncIteratorProtocol, Sendable {
    public typealias Element = [UInt8]
    private let buffer: StreamBuffer
    private let onEnd: @Sendable () -> Void

    init(_ buffer: StreamBuffer, onEnd: @escaping @Sendable () -> Void) {
        self.buffer = buffer
        self.onEnd = onEnd
    }

    deinit { onEnd() }

    public func makeAsyncIterator() -> ByteStream { self }

    /// The next bytes, `nil` at the end. Throws ``HTTPClientError``, or `CancellationError`.
    public func next() async throws -> [UInt8]? {
        try await buffer.next()
    }
}

/// Between the engine's thread and one reader.
final class StreamBuffer: Sendable {
    private struct State {
        var bytes: [UInt8] = []
        var paused = false
        var ended = false
        var error: (any Error)?
        var reader: CheckedContinuation<[UInt8]?, any Error>?
        var onRoom: (@Sendable () -> Void)?
    }
    private let highWater: Int
    private let state = Mutex(State())

    init(highWater: Int) { self.highWater = highWater }

    /// Called after the reader emptied a full buffer.
    func onRoom(_ body: @escaping @Sendable () -> Void) { state.withLock { $0.onRoom = body } }

    /// False when full: nothing was taken, and the same bytes come again after `onRoom`.
    func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let (taken, reader) = state.withLock { state -> (Bool, CheckedContinuation<[UInt8]?, any Error>?) in
            if let reader = state.reader {
                state.reader = nil
                return (true, reader)
            }
            guard state.bytes.count < highWater else {
                state.paused = true
                return (false, nil)
            }
            state.bytes.append(contentsOf: bytes)
            return (true, nil)
        }
        reader?.resume(returning: Array(bytes))
        return taken
    }

    func finish(_ error: (any Error)?) {
        let reader = state.withLock { state -> CheckedContinuation<[UInt8]?, any Error>? in
            guard !state.ended else { return nil }
            state.ended = true
            state.error = error
            state.onRoom = nil
            defer { state.reader = nil }
            return state.reader
        }
        if let error { reader?.resume(throwing: error) } else { reader?.resume(returning: nil) }
    }

    func next() async throws -> [UInt8]? {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let (result, onRoom) = state.withLock { state -> (Result<[UInt8]?, any Error>?, (@Sendable () -> Void)?) in
                    if Task.isCancelled { return (.failure(CancellationError()), nil) }
                    if !state.bytes.isEmpty {
                        let bytes = state.bytes
                        state.bytes = []
                        let onRoom = state.paused ? state.onRoom : nil
                        state.paused = false
                        return (.success(bytes), onRoom)
                    }
                    if state.ended { return (state.error.map { .failure($0) } ?? .success(nil), nil) }
                    state.reader = continuation
                    return (nil, nil)
                }
                onRoom?()
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            let reader = state.withLock { state in
                defer { state.reader = nil }
                return state.reader
            }
            reader?.resume(throwing: CancellationError())
        }
    }
}
