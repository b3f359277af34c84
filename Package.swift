// swift-tools-version: 6.2
import PackageDescription

/// Every target of this package is built under the same rules. Dependencies keep their own.
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

extension Target.Dependency {
  static let argumentParser = product(name: "ArgumentParser", package: "swift-argument-parser")
  static let grdb = product(name: "GRDB", package: "GRDB.swift")
  static let grpcCore = product(name: "GRPCCore", package: "grpc-swift-2")
  static let grpcProtobuf = product(name: "GRPCProtobuf", package: "grpc-swift-protobuf")
  static let grpcTransport = product(
    name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport")
  static let logging = product(name: "Logging", package: "swift-log")
  static let nioConcurrencyHelpers = product(name: "NIOConcurrencyHelpers", package: "swift-nio")
  static let nioCore = product(name: "NIOCore", package: "swift-nio")
  static let nioEmbedded = product(name: "NIOEmbedded", package: "swift-nio")
  static let nioHPACK = product(name: "NIOHPACK", package: "swift-nio-http2")
  static let nioHTTP1 = product(name: "NIOHTTP1", package: "swift-nio")
  static let nioHTTP2 = product(name: "NIOHTTP2", package: "swift-nio-http2")
  static let nioPosix = product(name: "NIOPosix", package: "swift-nio")
  static let nioSSL = product(name: "NIOSSL", package: "swift-nio-ssl")
  static let nioTLS = product(name: "NIOTLS", package: "swift-nio")
  static let nioWebSocket = product(name: "NIOWebSocket", package: "swift-nio")
  static let serviceLifecycle = product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
  static let swiftProtobuf = product(name: "SwiftProtobuf", package: "swift-protobuf")
  static let unixSignals = product(name: "UnixSignals", package: "swift-service-lifecycle")
  static let yams = product(name: "Yams", package: "Yams")
}

func library(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
  .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

func tests(
  _ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = [], resources: [Resource] = []
) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.target(name: name)] + dependencies, exclude: exclude,
    resources: resources, swiftSettings: strict)
}

let package = Package(
  name: "grpc-json-gateway",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "gateway", targets: ["GatewayCommand"]),
    .executable(name: "order-client", targets: ["OrderClientCommand"]),
    .executable(name: "order-server", targets: ["OrderServerCommand"]),
    .executable(name: "wiretap", targets: ["WireTapCommand"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
    .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.2"),
    .package(url: "https://github.com/grpc/grpc-swift-protobuf", from: "2.4.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    // System libraries, by their Debian packages.
    .systemLibrary(name: "CJSONC", pkgConfig: "json-c", providers: [.apt(["libjson-c-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

    // L0: each C library behind a small safe type.
    library("JSONTree", ["CJSONC"]),
    library("Compression", ["CZlib"]),
    library("TransportSecurity", [.nioSSL]),

    // L1: no sockets, no clocks, no tasks.
    library("HTTPNegotiation"),
    library("HTTPRule"),
    library("ProtobufSchema", [.swiftProtobuf, .yams]),
    library("ProtobufJSON", ["ProtobufSchema", "JSONTree"]),
    library("Transcoding", ["HTTPRule", "ProtobufJSON", "ProtobufSchema"]),
    library("HTTP2", [.nioCore, .nioHPACK]),
    library("GRPCWire", ["Compression", "HTTP2", .nioCore, .nioHPACK]),
    library("ErrorBody", ["GRPCWire", "JSONTree", "ProtobufJSON", "ProtobufSchema", "Transcoding"]),

    // L2: the two sides of the gateway.
    library(
      "GRPCUpstream",
      [
        "GRPCWire", "HTTP2", "ProtobufSchema", "TransportSecurity", .nioCore, .nioHPACK, .nioPosix, .nioSSL, .nioTLS,
      ]),
    library(
      "HTTPFrontEnd",
      [
        "Compression", "ErrorBody", "GRPCUpstream", "GRPCWire", "HTTPNegotiation", "HTTPRule", "ProtobufJSON",
        "ProtobufSchema", "Transcoding", "TransportSecurity",
        .nioCore, .nioHPACK, .nioHTTP1, .nioSSL, .nioTLS, .nioWebSocket,
      ]),

    // L3: what is run.
    library("OpenAPI", ["HTTPRule", "JSONTree", "ProtobufSchema"]),
    library("OrderAPI", [.grpcCore, .grpcProtobuf, .swiftProtobuf]),
    library(
      "WireTap",
      [
        "GRPCUpstream", "GRPCWire", "HTTP2", "JSONTree", "ProtobufJSON", "ProtobufSchema", .nioConcurrencyHelpers,
        .nioCore, .nioHPACK, .nioPosix, .nioSSL, .nioTLS,
      ]),
    library(
      "OrderService",
      [
        "OrderAPI", .grdb, .grpcCore, .grpcProtobuf, .grpcTransport, .logging, .nioCore, .nioHPACK, .nioHTTP2,
        .nioPosix,
        .serviceLifecycle, .swiftProtobuf,
      ]),
    library(
      "Gateway",
      [
        "ErrorBody", "GRPCUpstream", "GRPCWire", "HTTPFrontEnd", "HTTPRule", "JSONTree", "OpenAPI", "ProtobufJSON",
        "ProtobufSchema", "Transcoding", "TransportSecurity", .logging, .nioConcurrencyHelpers, .nioCore, .nioHTTP1,
        .nioPosix, .nioSSL, .serviceLifecycle, .yams,
      ]),

    // L4: the commands.
    .executableTarget(
      name: "GatewayCommand",
      dependencies: [
        "Gateway", "HTTPFrontEnd", "OpenAPI", "OrderService", "ProtobufJSON", "ProtobufSchema",
        "Transcoding",
        "WireTap",
        .argumentParser, .logging, .nioConcurrencyHelpers, .nioCore, .serviceLifecycle, .unixSignals,
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "OrderServerCommand",
      dependencies: ["OrderService", .argumentParser, .logging, .serviceLifecycle, .unixSignals],
      swiftSettings: strict),

    .executableTarget(
      name: "OrderClientCommand",
      dependencies: [
        "OrderAPI", .argumentParser, .grpcCore, .grpcTransport, .swiftProtobuf,
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "WireTapCommand",
      dependencies: ["ProtobufSchema", "WireTap", .argumentParser, .nioCore, .unixSignals],
      swiftSettings: strict),

    .testTarget(
      name: "FuzzCorpusTests",
      dependencies: [
        "Compression", "ErrorBody", "GRPCUpstream", "GRPCWire", "HTTP2", "HTTPFrontEnd", "HTTPNegotiation", "HTTPRule",
        "JSONTree", "ProtobufJSON", "ProtobufSchema", "Transcoding",
        .nioCore, .nioEmbedded, .nioHPACK, .nioHTTP1, .swiftProtobuf,
      ],
      path: "Tests/FuzzTesting/Shared", resources: [.copy("Corpus")], swiftSettings: strict),
    tests(
      "OrderService",
      ["OrderAPI", .grdb, .grpcCore, .grpcProtobuf, .grpcTransport, .logging, .nioCore, .nioHPACK, .swiftProtobuf]),
    // Speaks the protocol of protobuf's conformance_test_runner.
    .executableTarget(
      name: "ConformanceDriver", dependencies: ["ProtobufJSON", "ProtobufSchema", .swiftProtobuf],
      path: "Tests/ConformanceDriver", exclude: ["Protos", "build-runner", "generate", "test_messages.binpb"],
      swiftSettings: strict),
    tests("ConformanceDriver", [.swiftProtobuf], exclude: ["Vectors"]),

    tests("Compression"),
    // An HTTP/2 server that follows a script, well-behaved or hostile.
    .target(
      name: "ScriptedUpstream", dependencies: ["HTTP2", .nioCore, .nioHPACK, .nioPosix],
      path: "Tests/Support/ScriptedUpstream", swiftSettings: strict),
    // What a hostile or broken gRPC server does, as a catalogue, and the program that plays it.
    .target(
      name: "Misbehaving", dependencies: ["GRPCWire", "HTTP2", "ScriptedUpstream", .nioCore, .nioHPACK],
      path: "Tests/Support/Misbehaving", swiftSettings: strict),
    .executableTarget(
      name: "HostileUpstream", dependencies: ["Misbehaving", .nioCore, .nioPosix],
      path: "Tests/Support/HostileUpstream", swiftSettings: strict),
    tests(
      "GRPCUpstream",
      [
        "Compression", "GRPCWire", "HTTP2", "ScriptedUpstream", .nioConcurrencyHelpers, .nioCore, .nioEmbedded,
        .nioHPACK, .nioPosix,
      ]),
    tests("ErrorBody", ["GRPCWire", "JSONTree", "ProtobufJSON", "ProtobufSchema", "Transcoding"]),
    tests("GRPCWire", ["Compression", "HTTP2", .nioCore, .nioHPACK]),
    // Recorded connections of the four modes, as text.
    .target(
      name: "SeedDump", dependencies: [.nioCore], path: "Tests/Support/SeedDump", exclude: ["Vectors"],
      swiftSettings: strict),
    tests("HTTP2", ["SeedDump", .nioCore, .nioHPACK]),
    .testTarget(
      name: "GatewayTests",
      dependencies: [
        "Compression", "Gateway", "GRPCUpstream", "GRPCWire", "HTTP2", "HTTPFrontEnd", "Misbehaving", "OrderService",
        "ProtobufJSON", "ProtobufSchema", "ScriptedUpstream", "Transcoding", "TransportSecurity", .logging,
        .nioConcurrencyHelpers,
        .nioCore, .nioHPACK, .nioPosix, .nioSSL, .nioTLS, .swiftProtobuf,
      ],
      swiftSettings: strict),
    tests(
      "HTTPFrontEnd",
      [
        "Compression", "ErrorBody", "GRPCWire", "HTTPNegotiation", "ProtobufJSON", "Transcoding", .nioCore, .nioHTTP1,
        .nioWebSocket,
      ]),
    tests("HTTPNegotiation"),
    tests("HTTPRule"),
    tests("JSONTree"),
    tests("OpenAPI", ["HTTPRule", "JSONTree", "ProtobufSchema", .yams], exclude: ["Vectors"]),
    tests("ProtobufJSON", ["JSONTree", "ProtobufSchema", .swiftProtobuf], exclude: ["DecodeProtos", "Vectors"]),
    tests("ProtobufSchema", [.swiftProtobuf]),
    tests(
      "WireTap",
      [
        "Compression", "GRPCWire", "HTTP2", "JSONTree", "OrderService", "ProtobufJSON", "ProtobufSchema",
        "SeedDump", .nioConcurrencyHelpers, .nioCore, .nioEmbedded, .nioHPACK, .nioPosix, .nioSSL, .nioTLS,
      ], exclude: ["Certificates"]),
    tests("Transcoding", ["HTTPRule", "ProtobufJSON", "ProtobufSchema"], exclude: ["Protos"]),
  ],
  swiftLanguageModes: [.v6]
)
