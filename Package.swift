// swift-tools-version: 6.2
// One package, targets bottom-up, every path explicit. No package from elsewhere: system libraries only (docs/adr/0001).
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6), .treatAllWarnings(as: .error),
    .treatWarning("DeprecatedDeclaration", as: .warning),
    .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"), .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"), .enableUpcomingFeature("ImmutableWeakCaptures"),
]

func shared(
    _ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = [], resources: [Resource] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Shared/\(name)", exclude: exclude, resources: resources,
        swiftSettings: strict)
}
func system(_ name: String, pkgConfig: String, apt: String) -> Target {
    .systemLibrary(name: name, path: "Shared/System/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}
/// A service is a library and a three-line executable, so that tests run all five in one process.
func service(_ name: String, _ dependencies: [Target.Dependency] = []) -> [Target] {
    [
        .target(
            name: name,
            dependencies: [
                "Telemetry", "JSON", "EventLoop", "Crypto", "Postgres", "Kafka", "HTTP", "Contracts", "EventLog", "ServiceKit", "Pages",
                "Actions",
            ]
                + dependencies,
            path: "Services/\(name)", exclude: ["Main", "README.md"],
            resources: [.embedInCode("Migrations")], swiftSettings: strict),
        .executableTarget(
            name: "\(name)Main", dependencies: [.init(stringLiteral: name), "ServiceKit"], path: "Services/\(name)/Main",
            swiftSettings: strict),
    ]
}
func tool(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, path: "Tools/\(name)", swiftSettings: strict)
}
func tests(
    _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [], resources: [Resource] = []
) -> Target {
    .testTarget(
        name: name, dependencies: dependencies + ["TestKit"], path: "Tests/\(name)", exclude: exclude,
        resources: resources, swiftSettings: strict)
}

let services = ["Intake", "Routing", "Notification", "Voting", "Analytics"]

let package = Package(
    name: "shao",
    products: services.map { .executable(name: $0.lowercased(), targets: ["\($0)Main"]) },
    targets: [
        // C libraries: module map and typed inline doors
        .target(name: "CPosix", path: "Shared/System/CPosix", publicHeadersPath: "include"),
        system("CLibrdkafka", pkgConfig: "rdkafka", apt: "librdkafka-dev"),
        system("CLibpq", pkgConfig: "libpq", apt: "libpq-dev"),
        system("CCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
        system("CCrypto", pkgConfig: "libcrypto", apt: "libssl-dev"),
        system("CVips", pkgConfig: "vips", apt: "libvips-dev"),
        // Shared
        shared("EventLoop", ["CPosix"]),
        shared("Secrets", ["CPosix"]),
        shared("JSON"),
        shared("Telemetry", ["CPosix"]),
        shared("Crypto", ["CCrypto", "JSON"]),
        shared("Kafka", ["CLibrdkafka", "CPosix", "EventLoop", "Secrets", "Telemetry"]),
        shared("Postgres", ["CLibpq", "CPosix", "EventLoop", "Telemetry"]),
        shared("HTTP", ["CCurl", "CPosix", "EventLoop", "JSON", "Telemetry"]),
        shared("Contracts", ["JSON"], exclude: ["schemas"]),
        shared("EventLog", ["Contracts", "Crypto", "JSON", "Kafka", "Postgres", "EventLoop", "Telemetry", "HTTP"]),
        shared(
            "ServiceKit",
            ["Contracts", "Crypto", "JSON", "Kafka", "Postgres", "EventLoop", "Secrets", "Telemetry", "HTTP", "EventLog", "Pages"]),
        shared("Channels", ["Contracts", "Crypto", "JSON", "HTTP", "Telemetry"]),
        shared("Pages", ["Contracts"], resources: [.embedInCode("Assets")]),
        shared("Actions", ["Contracts", "HTTP", "JSON", "Pages"]),
    ]
        + service("Intake")
        + service("Routing")
        + service("Notification", ["Channels"])
        + service("Voting")
        + service("Analytics")
        + [
            tool("devbroker", ["Kafka", "CPosix"]),
            tool("photoworker", ["CVips", "CPosix"]),
            // A department that is not ours: what it needs is Kafka and the contracts
            .target(
                name: "DepartmentClient", dependencies: ["Contracts", "EventLoop", "JSON", "Kafka", "Telemetry"],
                path: "deploy/examples/department/swift/Client", swiftSettings: strict),
            .executableTarget(
                name: "department", dependencies: ["Contracts", "DepartmentClient", "EventLoop", "Kafka", "Telemetry"],
                path: "deploy/examples/department/swift/Main", swiftSettings: strict),
            // Forms of pages as a browser reads and sends them, for what plays people: the command line and tests
            .target(name: "PageForms", path: "Tools/PageForms", swiftSettings: strict),
            tool(
                "shaoctl",
                ["PageForms", "Telemetry", "JSON", "Crypto", "HTTP", "Contracts", "Kafka", "Postgres", "EventLoop", "EventLog", "Secrets"]),
            tool("bench", ["CPosix", "Contracts", "Crypto", "EventLog", "EventLoop", "JSON", "Kafka", "Postgres", "Telemetry"]),
            // The event log's loops over models of Postgres, Kafka and HTTP, one seed a world
            .target(
                name: "Simulation", dependencies: ["Contracts", "Crypto", "EventLog", "Kafka", "Postgres", "Telemetry"],
                path: "Tests/Simulation", swiftSettings: strict),
            tool("simulate", ["Simulation"]),
            tests("SimulationTests", ["Simulation", "EventLog"]),
            tool(
                "chaos",
                ["CPosix", "Contracts", "Crypto", "DepartmentClient", "EventLoop", "HTTP", "JSON", "Kafka", "Postgres", "Telemetry"]),
            .target(
                name: "TestKit",
                dependencies: [
                    "EventLoop", "Telemetry", "Kafka", "Postgres", "HTTP", "Contracts", "EventLog", "ServiceKit", "Crypto", "JSON",
                    "CPosix", "PageForms",
                ],
                path: "Tests/TestKit", swiftSettings: strict),
            tests("EventLoopTests", ["EventLoop", "CPosix"]),
            tests("SecretsTests", ["Secrets"]),
            tests("TelemetryTests", ["Telemetry"]),
            tests("JSONTests", ["JSON"]),
            tests("CryptoTests", ["Crypto"]),
            tests("KafkaTests", ["Kafka", "EventLoop", "Telemetry"]),
            tests("PostgresTests", ["Postgres", "EventLoop", "Telemetry"]),
            tests("HTTPTests", ["HTTP", "EventLoop", "JSON", "CPosix", "Telemetry"]),
            tests("ContractsTests", ["Contracts", "JSON"], exclude: ["golden", "scrubber", "telephone-numbers.tsv"]),
            tests("HTTPClientTests", ["HTTP", "EventLoop", "CPosix"]),
            tests(
                "IntakeTests",
                [
                    "Intake", "Actions", "Contracts", "Crypto", "EventLog", "EventLoop", "HTTP", "JSON", "PageForms", "Pages", "Postgres",
                    "ServiceKit",
                    "Telemetry",
                ]),
            tests("EventLogTests", ["EventLog", "Contracts", "JSON", "Kafka", "Postgres", "EventLoop", "Crypto", "Telemetry"]),
            tests(
                "ServiceKitTests",
                ["ServiceKit", "HTTP", "EventLoop", "EventLog", "JSON", "Kafka", "Postgres", "Crypto", "Contracts", "Telemetry"]),
            tests("ChannelsTests", ["Channels", "HTTP", "Crypto"]),
            tests(
                "FaultTests",
                ["chaos", "Intake", "Routing", "EventLog", "Postgres", "HTTP", "EventLoop", "Contracts", "Crypto", "JSON", "Telemetry"]),
            tests("PagesTests", ["Actions", "Pages", "Contracts", "Intake", "Routing", "Voting", "Analytics"]),
            tests(
                "JourneyTests",
                [
                    "Intake", "Routing", "Notification", "Voting", "Analytics", "ServiceKit", "EventLog", "Contracts", "Kafka", "Postgres",
                    "Pages", "HTTP", "JSON", "Crypto", "EventLoop", "Telemetry", "PageForms",
                ]),
            tests(
                "VotingTests",
                [
                    "Voting", "Actions", "PageForms", "ServiceKit", "EventLog", "Contracts", "HTTP", "JSON", "Crypto", "Kafka", "Postgres",
                    "EventLoop", "Telemetry",
                ]),
            tests(
                "RoutingTests",
                [
                    "Routing", "Actions", "Contracts", "Crypto", "DepartmentClient", "EventLog", "EventLoop", "HTTP", "JSON", "Kafka",
                    "Postgres",
                    "PageForms", "Pages", "ServiceKit", "Telemetry",
                ]),
            tests(
                "NotificationTests",
                [
                    "Notification", "Channels", "Contracts", "Crypto", "EventLog", "EventLoop", "HTTP", "JSON", "Postgres", "ServiceKit",
                    "Telemetry",
                ]),
            tests(
                "AnalyticsTests",
                [
                    "Analytics", "Contracts", "Crypto", "EventLog", "EventLoop", "HTTP", "JSON", "Pages", "Postgres", "ServiceKit",
                    "Telemetry",
                ]),
        ]
)
