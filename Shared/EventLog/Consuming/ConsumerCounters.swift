import Telemetry

struct ConsumerCounters: Sendable {
    let applied, duplicates, gaps, repaired, diverged, foreign, retries: Counter
    let parked, queued, halved: Counter
    let forged, fenced, stale, pulled, pullSeconds: Counter
    let pulledPartitions, haltedPartitions: Gauge
    let delay: Histogram

    init(_ metrics: MetricsRegistry) {
        applied = metrics.counter("shao_applied_total", "Events applied.")
        duplicates = metrics.counter("shao_duplicates_total", "Records that had been applied already.")
        gaps = metrics.counter("shao_gaps_total", "Gaps noticed in a partition.")
        repaired = metrics.counter("shao_repaired_total", "Events read from the owner's stream because Kafka did not bring them.")
        diverged = metrics.counter("shao_diverged_total", "Partitions halted because their history is not the owner's.")
        foreign = metrics.counter("shao_foreign_records_total", "Records on internal topics without the owner's headers.")
        forged = metrics.counter("shao_forged_records_total", "Records that the owner's stream disproved.")
        fenced = metrics.counter("shao_fenced_total", "Commits refused because another consumer had moved the cursor.")
        stale = metrics.counter("shao_stale_generation_total", "Records of a generation older than what is applied.")
        retries = metrics.counter("shao_apply_retries_total", "Batches that had to be tried again.")
        parked = metrics.counter("shao_parked_total", "Subjects parked because an event failed for good.")
        queued = metrics.counter("shao_parked_behind_total", "Events put behind a parked one of their subject.")
        halved = metrics.counter("shao_batches_halved_total", "Batches tried again by halves because an event in them fails for good.")
        pulled = metrics.counter("shao_pulled_total", "Events pulled from owners while Kafka brought none.")
        pullSeconds = metrics.counter("shao_pull_seconds_total", "Seconds in which at least one partition was pulled.")
        haltedPartitions = metrics.gauge("shao_halted_partitions", "Partitions halted: DIVERGED, or too many events that fail for good.")
        delay = metrics.histogram(
            "shao_apply_delay_seconds", "From the moment at which an event happened until it was applied here.", buckets: Self.delays)
        pulledPartitions = metrics.gauge("shao_pulled_partitions", "Partitions pulled from their owner instead of read from Kafka.")
    }

    /// From a hundredth of a second, which is usual, to an hour, which is an outage.
    static let delays: [Double] = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600]
}
