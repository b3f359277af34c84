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
let nioHPACK = Target.Dependency.product(name: "NIOHPACK", package: "swift-nio-http2")

let swiftProtobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
  name: "fuzz-testing",
  dependencies: [
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    .systemLibrary(name: "CJSONC", path: "Modules/CJSONC", pkgConfig: "json-c"),
    .systemLibrary(name: "CZlib", path: "Modules/CZlib", pkgConfig: "zlib"),
    module("Compression", ["CZlib"]),
    module("GRPCWire", ["Compression", nioCore, nioHPACK]),
    module("HTTP2", [nioCore, nioHPACK]),
    module("HTTPNegotiation"),
    module("HTTPRule"),
    module("JSONTree", ["CJSONC"]),
    module("ProtobufJSON", ["JSONTree", "ProtobufSchema"]),
    module("ProtobufSchema", [swiftProtobuf, yams]),
    .target(
      name: "FuzzTargets",
      dependencies: [
        "Compression", "GRPCWire", "HTTP2", "HTTPNegotiation", "HTTPRule", "JSONTree", "ProtobufJSON", "ProtobufSchema",
        nioCore, nioHPACK, swiftProtobuf,
      ],
      path: "Shared/Targets", swiftSettings: strict),
    fuzzer("FuzzDescriptors"),
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
    fuzzer("FuzzRouteTable"),
    fuzzer("FuzzServiceConfiguration"),
    fuzzer("FuzzWireMessage"),
  ],
  swiftLanguageModes: [.v6]
)
