extension Topics {
    /// Topics 议题 and votes. Owner: voting. Key: topic of deliberation. 12 partitions, 14 days. Reserved: no events yet.
    public static let ballots = internalTopic("ballots.v1", .voting, readers: [])
}
