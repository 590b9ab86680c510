package import Contracts

/// What the publisher asks of the database in which the stream is.
package protocol PublisherStore: Sendable {
    /// Runs `body` while this publisher has the lead, which only saves traffic: two that lead write the same bytes twice.
    /// False, without having run it, when another has the lead.
    func lead(_ body: (any PublisherSession) async throws -> Void) async throws -> Bool
}

/// The questions of a publisher that leads. May be asked from two tasks at once.
package protocol PublisherSession: Sendable {
    /// Takes over: raises `lead` and answers what was saved last.
    func begin() async throws -> PublisherState
    /// Saves; throws `.fenced` when another has taken over. It may lag behind the truth, which costs duplicates only.
    func save(_ state: PublisherState) async throws
    /// What is known of partitions on the broker, as last saved.
    func positions() async throws -> [BrokerPosition]
    /// Saves what is known of these partitions, unless another has taken over from `lead`.
    func save(_ positions: [BrokerPosition], under lead: Int64) async throws
    /// The records that are held back.
    func held() async throws -> [HeldRecord]
    /// Holds these back, until they are released; on the disk when it returns.
    func hold(_ records: [HeldRecord]) async throws
    func release(_ record: HeldRecord) async throws
    /// Shows that this publisher lives: a session without a word for five seconds loses the lead.
    func keep() async throws
    /// The stream after `pos`, ascending, at most `limit`.
    func next(after pos: Int64, limit: Int) async throws -> [StreamRecord]
    /// A partition's records from `seq` on, ascending, at most `limit`.
    func records(_ partition: StreamPartition, from seq: Int64, limit: Int) async throws -> [StreamRecord]
    /// The last record up to `pos` of every partition that has one.
    func lastSeqs(upTo pos: Int64) async throws -> [StreamPartition: Int64]
    /// A `pos` before which no record is younger than `time`; not later than `pos`.
    func position(of time: Timestamp, before pos: Int64) async throws -> Int64
}

/// The publisher's one row.
package struct PublisherState: Sendable, Equatable {
    /// Rises with every publisher that takes over.
    package var lead: Int64
    /// The broker has acknowledged all records up to here.
    package var acknowledged: Int64
    /// Which cluster did; nil before the first.
    package var clusterID: String?
    /// Records up to here had been acknowledged by another cluster and are sent again; at most `acknowledged` when there are none.
    package var refillTo: Int64

    package init(lead: Int64, acknowledged: Int64, clusterID: String?, refillTo: Int64) {
        self.lead = lead
        self.acknowledged = acknowledged
        self.clusterID = clusterID
        self.refillTo = refillTo
    }
}

/// Where the broker has the last record of a partition.
package struct BrokerPosition: Sendable, Equatable {
    package var partition: StreamPartition
    /// The broker had everything up to this record …
    package var seq: Int64
    /// … and this was the offset after it.
    package var nextOffset: Int64
    /// What the broker has lost and is to be sent again.
    package var refill: ClosedRange<Int64>?

    package init(partition: StreamPartition, seq: Int64, nextOffset: Int64, refill: ClosedRange<Int64>? = nil) {
        self.partition = partition
        self.seq = seq
        self.nextOffset = nextOffset
        self.refill = refill
    }
}
