import CLibrdkafka
import EventLoop
import Synchronization

/// What a client with these properties meets at its brokers: the first thing that keeps it out, or who they say they are.
public struct KafkaDiagnosis: Sendable, Hashable {
    public enum Trouble: Sendable, Hashable {
        case certificateExpired
        case certificateNotYetValid
        /// Signed by none of the authorities in `ssl.ca.location`.
        case certificateOfAnotherAuthority
        /// Good, but for another host than the one asked.
        case certificateOfAnotherName
        /// Another failure of TLS, in the library's words.
        case encryption(String)
        /// User or password, in the broker's words.
        case signIn(String)
        /// The same by a library that cannot sign in to Kafka 4 with SCRAM; its version.
        case signInByOldLibrary(String)
        /// Nobody answers, in the library's words.
        case unreachable(String)
    }
    public struct Address: Sendable, Hashable {
        public let host: String
        public let port: Int
    }

    public let trouble: Trouble?
    /// What the brokers tell clients to connect to; empty when there was trouble.
    public let advertised: [Address]
}

public enum KafkaProbe {
    /// Whether the library that runs here cannot sign in to Kafka 4 with SCRAM.
    public static var libraryRefusesScram: Bool { rd_kafka_version() < firstWithSoundScram }

    /// librdkafka before 2.6.1 sends its nonce twice, which Kafka 4 refuses (confluentinc/librdkafka#4895).
    static let firstWithSoundScram: CInt = 0x0206_01ff

    /// Connects, signs in and asks for the brokers, for at most `limit`. Throws when the properties themselves are refused.
    public static func run(
        _ configuration: KafkaConfiguration, within limit: Duration = .seconds(5)
    ) async throws(KafkaError) -> KafkaDiagnosis {
        let outcome = await OwnThread.run("kafka-probe") { () -> Result<KafkaDiagnosis, KafkaError> in
            do throws(KafkaError) { return .success(try runNow(configuration, until: .now + limit)) } catch { return .failure(error) }
        }
        return try outcome.get()
    }

    private static func runNow(
        _ configuration: KafkaConfiguration, until deadline: ContinuousClock.Instant
    ) throws(KafkaError) -> KafkaDiagnosis {
        let verdict = CertificateVerdict()
        // The client's threads end before this function does: it is destroyed here.
        let client = try open(configuration, verdict)
        defer { withExtendedLifetime(verdict) { rd_kafka_destroy(client) } }
        let queue: OpaquePointer? = rd_kafka_queue_get_main(client)
        defer { rd_kafka_queue_destroy(queue) }
        var last = "no answer"
        while ContinuousClock.now < deadline {
            if let found = brokers(client) { return KafkaDiagnosis(trouble: nil, advertised: found) }
            while let pointer = rd_kafka_queue_poll(queue, 0) {
                let event = Event(pointer)
                guard event.type == RD_KAFKA_EVENT_ERROR else { continue }
                if let trouble = trouble(event, verdict, configuration) { return KafkaDiagnosis(trouble: trouble, advertised: []) }
                if event.error != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN { last = event.errorText }
            }
        }
        return KafkaDiagnosis(trouble: .unreachable(last), advertised: [])
    }

    private static func open(_ configuration: KafkaConfiguration, _ verdict: CertificateVerdict) throws(KafkaError) -> OpaquePointer {
        let conf = try configuration.makeConf(.admin)
        rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_LOG)
        rd_kafka_conf_set_opaque(conf, Unmanaged.passUnretained(verdict).toOpaque())
        if configuration["security.protocol"]?.lowercased().hasSuffix("ssl") == true {
            // Judges like the library; only that it remembers why.
            _ = rd_kafka_conf_set_ssl_cert_verify_cb(conf) { _, _, _, number, _, _, _, _, _, opaque in
                guard let number, let opaque, number.pointee != 0 else { return 1 }
                Unmanaged<CertificateVerdict>.fromOpaque(opaque).takeUnretainedValue().note(number.pointee)
                return 0
            }
        }
        var text = [CChar](repeating: 0, count: 512)
        guard let client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, &text, text.count) else {
            rd_kafka_conf_destroy(conf)
            throw KafkaError(.configuration, operation: "open", message: KafkaConfiguration.text(text))
        }
        rd_kafka_set_log_queue(client, nil)
        return client
    }

    private static func brokers(_ client: OpaquePointer) -> [KafkaDiagnosis.Address]? {
        var found: UnsafePointer<rd_kafka_metadata>?
        let code = rd_kafka_metadata(client, 0, nil, &found, 200)
        guard code.rawValue == 0, let found else { return nil }
        defer { rd_kafka_metadata_destroy(found) }
        return UnsafeBufferPointer(start: found.pointee.brokers, count: Int(found.pointee.broker_cnt)).map {
            KafkaDiagnosis.Address(host: String(cString: $0.host), port: Int($0.port))
        }
    }

    private static func trouble(
        _ event: borrowing Event, _ verdict: CertificateVerdict, _ configuration: KafkaConfiguration
    ) -> KafkaDiagnosis.Trouble? {
        if let number = verdict.first { return certificate(number) ?? .encryption(event.errorText) }
        switch event.error {
        case RD_KAFKA_RESP_ERR__AUTHENTICATION:
            let mechanism = configuration["sasl.mechanism"] ?? configuration["sasl.mechanisms"] ?? ""
            let isOld = mechanism.uppercased().hasPrefix("SCRAM") && libraryRefusesScram
            return isOld ? .signInByOldLibrary(String(cString: rd_kafka_version_str())) : .signIn(event.errorText)
        case RD_KAFKA_RESP_ERR__SSL: return .encryption(event.errorText)
        default: return nil
        }
    }

    /// OpenSSL's numbers of what a certificate's check ended with (X509_V_ERR_…).
    private static func certificate(_ number: CInt) -> KafkaDiagnosis.Trouble? {
        switch number {
        case 10: .certificateExpired
        case 9: .certificateNotYetValid
        case 2, 18, 19, 20, 21: .certificateOfAnotherAuthority
        case 62, 64: .certificateOfAnotherName
        default: nil
        }
    }
}

/// Why the first certificate was refused; written by the library's threads.
private final class CertificateVerdict: Sendable {
    private let number = Mutex<CInt?>(nil)
    var first: CInt? { number.withLock { $0 } }
    func note(_ refused: CInt) { number.withLock { $0 = $0 ?? refused } }
}
