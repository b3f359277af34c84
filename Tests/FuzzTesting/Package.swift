// swift-tools-version: 6.2
import PackageDescription

// A package of its own, since its executables link only with `--sanitize=fuzzer`. `Modules` is a link to the
// sources of the main package, which offers no libraries that could be depended on.

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, path: "Modules/\(name)", swiftSettings: strict)
}

/// One executable per case of `FuzzTarget`; libFuzzer brings `main`.
func fuzzer(_ name: String) -> Target {
  .executableTarget(
    name: name, dependencies: ["FuzzTargets"], path: "Fuzzers/\(name)",
    swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])])
}

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioHPACK = Target.Dependency.product(name: "NIOHPACK", package: "swift-nio-http2")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let nioWebSocket = Target.Dependency.product(name: "NIOWebSocket", package: "swift-nio")
let swiftProtobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
  name: "fuzz-testing",
  dependencies: [
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    .systemLibrary(name: "CJSONC", path: "Modules/CJSONC", pkgConfig: "json-c"),
    .systemLibrary(name: "CZlib", path: "Modules/CZlib", pkgConfig: "zlib"),
    module("Compression", ["CZlib"]),
    module("ErrorBody", ["GRPCWire", "JSONTree", "ProtobufJSON", "ProtobufSchema", "Transcoding"]),
    module(
      "GRPCUpstream",
      ["GRPCWire", "HTTP2", "ProtobufSchema", "TransportSecurity", nioCore, nioHPACK, nioPosix, nioSSL, nioTLS]),
    module("GRPCWire", ["Compression", nioCore, nioHPACK]),
    module("HTTP2", [nioCore, nioHPACK]),
    module(
      "HTTPFrontEnd",
      [
        "Compression", "ErrorBody", "GRPCUpstream", "GRPCWire", "HTTPNegotiation", "HTTPRule", "ProtobufJSON",
        "ProtobufSchema", "Transcoding", "TransportSecurity", nioCore, nioHPACK, nioHTTP1, nioSSL, nioTLS,
        nioWebSocket,
      ]),
    module("HTTPNegotiation"),
    module("HTTPRule"),
    module("JSONTree", ["CJSONC"]),
    module("ProtobufJSON", ["JSONTree", "ProtobufSchema"]),
    module("ProtobufSchema", [swiftProtobuf, yams]),
    module("Transcoding", ["HTTPRule", "ProtobufJSON", "ProtobufSchema"]),
    module("TransportSecurity", [nioSSL]),
    .target(
      name: "FuzzTargets",
      dependencies: [
        "Compression", "ErrorBody", "GRPCUpstream", "GRPCWire", "HTTP2", "HTTPFrontEnd", "HTTPNegotiation", "HTTPRule",
        "JSONTree", "ProtobufJSON", "ProtobufSchema", "Transcoding",
        nioCore, nioEmbedded, nioHPACK, nioHTTP1, swiftProtobuf,
      ],
      path: "Shared/Targets", swiftSettings: strict),
    fuzzer("FuzzClientConnection"),
    fuzzer("FuzzDescriptors"),
    fuzzer("FuzzDownstreamConnection"),
    fuzzer("FuzzHeaderText"),
    fuzzer("FuzzInflater"),
    fuzzer("FuzzJSONMessage"),
    fuzzer("FuzzJSONStream"),
    fuzzer("FuzzJSONTree"),
    fuzzer("FuzzMessageDeframer"),
    fuzzer("FuzzNegotiation"),
    fuzzer("FuzzPassiveConnection"),
    fuzzer("FuzzPathTemplate"),
    fuzzer("FuzzQuery"),
    fuzzer("FuzzReflection"),
    fuzzer("FuzzRequestBinding"),
    fuzzer("FuzzRouteTable"),
    fuzzer("FuzzServiceConfiguration"),
    fuzzer("FuzzWireMessage"),
  ],
  swiftLanguageModes: [.v6]
)
