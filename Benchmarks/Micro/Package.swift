// swift-tools-version: 6.2
import PackageDescription

// The gateway's own targets, under the rules of the package they belong to. They are reached through the link
// `Gateway`: SwiftPM wants sources inside the package, and as sources they are optimised as in the product.
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

func gateway(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, path: "Gateway/\(name)", swiftSettings: strict)
}

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHPACK = Target.Dependency.product(name: "NIOHPACK", package: "swift-nio-http2")

let package = Package(
  name: "micro",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    .systemLibrary(name: "CJSONC", path: "Gateway/CJSONC", pkgConfig: "json-c", providers: [.apt(["libjson-c-dev"])]),
    .systemLibrary(name: "CZlib", path: "Gateway/CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    gateway("JSONTree", ["CJSONC"]),
    gateway("Compression", ["CZlib"]),
    gateway("HTTPRule"),
    gateway(
      "ProtobufSchema",
      [.product(name: "SwiftProtobuf", package: "swift-protobuf"), .product(name: "Yams", package: "Yams")]),
    gateway("ProtobufJSON", ["ProtobufSchema", "JSONTree"]),
    gateway("Transcoding", ["HTTPRule", "ProtobufJSON", "ProtobufSchema"]),
    gateway("HTTP2", [nioCore, nioHPACK]),
    gateway("GRPCWire", ["Compression", nioCore, nioHPACK]),

    .target(name: "CAllocationCount"),
    .executableTarget(
      name: "Micro",
      dependencies: [
        "CAllocationCount", "Compression", "GRPCWire", "HTTP2", "HTTPRule", "ProtobufJSON", "ProtobufSchema",
        "Transcoding", nioCore, nioHPACK,
      ],
      swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
