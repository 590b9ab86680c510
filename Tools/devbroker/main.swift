import CPosix
import FoundationEssentials
import Glibc
import Kafka

// A Kafka for development on this machine: librdkafka's mock cluster behind a fixed address, until SIGTERM or SIGINT.
// Everything is in memory; what that means is told at `EmbeddedBroker`. Losing it costs nothing: publishers notice a new
// cluster and fill it again from their databases.

let usage = """
    usage: devbroker [--port N] [--brokers N] [--address-file FILE] [--topics-file FILE] [name:partitions …]

      --port N             where clients find it on 127.0.0.1 (29092); 0 lets the system choose
      --brokers N          how many brokers the cluster has (1)
      --address-file FILE  gets the bootstrap address, once clients may connect
      --topics-file FILE   one name:partitions per line; empty lines and lines that begin with # are skipped

    """

let warning = """
    devbroker: ALL OF THIS IS MEMORY. Topics, records and offsets end with this process; nothing of it is on a disk.
    devbroker: For developing and trying out on one machine. Anything else needs a Kafka: KAFKA_BOOTSTRAP_SERVERS, or docker-compose.yml.

    """

/// Unbuffered, so that nothing is lost when the process ends.
func say(_ text: String, to descriptor: CInt) {
    let bytes = Array(text.utf8)
    _ = write(descriptor, bytes, bytes.count)
}

/// Blocks this thread until one of the signals arrives.
func waitForSignal(_ descriptor: CInt) {
    var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    while poll(&waiting, 1, -1) <= 0 {}
}

do {
    let options = try BrokerOptions(CommandLine.arguments.dropFirst())
    if options.wantsHelp {
        say(usage, to: 1)
        exit(0)
    }
    let signals = cpx_stop_descriptor()
    let broker = try EmbeddedBroker(
        brokers: options.brokers, port: options.port,
        topics: options.topics.map { KafkaTopicSpec($0.name, partitions: $0.partitions) })
    if let file = options.addressFile {
        try Data((broker.servers + "\n").utf8).write(to: URL(filePath: file), options: .atomic)
    }
    say("devbroker \(broker.servers) with \(options.topics.count) topics\n", to: 1)
    say(warning, to: 1)
    waitForSignal(signals)
    withExtendedLifetime(broker) {}
} catch {
    say("devbroker: \(error)\n", to: 2)
    exit(1)
}
