import CPosix
import EventLoop
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

func quit(_ text: String, _ code: Int32) -> Never {
    FileHandleText.write(text + "\n", to: 2)
    exit(code)
}

enum FileHandleText {
    /// Unbuffered, so that nothing is lost when the process ends.
    static func write(_ text: String, to descriptor: CInt) {
        let bytes = Array(text.utf8)
        _ = Glibc.write(descriptor, bytes, bytes.count)
    }
}

do {
    let options = try BrokerOptions(CommandLine.arguments.dropFirst())
    if options.wantsHelp { quit(usage, 0) }
    // Before the first thread exists, so that every thread inherits the blocked signals and only the descriptor gets them.
    let signals = cpx_signalfd([SIGTERM, SIGINT], 2)
    let broker = try EmbeddedBroker(brokers: options.brokers, port: options.port)
    for topic in options.topics { try broker.createTopic(topic.name, partitions: topic.partitions) }
    if let file = options.addressFile {
        try Data((broker.servers + "\n").utf8).write(to: URL(filePath: file), options: .atomic)
    }
    FileHandleText.write("devbroker \(broker.servers) with \(options.topics.count) topics\n", to: 1)
    while cpx_signal_read(signals) == 0 {
        _ = try await EventLoop.shared.wait(signals, for: .readable)
    }
    withExtendedLifetime(broker) {}
} catch {
    quit("devbroker: \(error)", 1)
}
