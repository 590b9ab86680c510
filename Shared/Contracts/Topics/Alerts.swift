extension Topics {
    /// What the figures warn of. Owner: analytics. Key: alert. 12 partitions, 14 days. Reserved: no events yet.
    public static let alerts = internalTopic("alerts.v1", .analytics, readers: [])
}
