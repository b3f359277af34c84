import Foundation
import Gateway
import Testing
import Transcoding

/// `.proto` files as the schema.
@Suite struct ProtoSourceTests {
  private static let hasCompiler = ["/usr/bin", "/usr/local/bin"].contains {
    FileManager.default.isExecutableFile(atPath: $0 + "/protoc")
  }

  private func withFiles(_ files: [String: String], _ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("protos-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, text) in files {
      let file = folder.appendingPathComponent(name)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try text.write(to: file, atomically: true, encoding: .utf8)
    }
    try body(folder.path)
  }

  private static let service = """
    syntax = "proto3";
    package a;
    import "google/api/annotations.proto";
    import "inner/message.proto";
    service S {
      rpc Get(M) returns (M) { option (google.api.http) = { get: "/v1/{name}" }; }
    }
    """
  private static let message = """
    syntax = "proto3";
    package a;
    import "google/protobuf/timestamp.proto";
    message M { string name = 1; google.protobuf.Timestamp time = 2; }
    """

  /// `google/api` needs no checkout of googleapis.
  @Test(.enabled(if: hasCompiler)) func aDirectoryIsCompiled() throws {
    try withFiles(["service.proto": Self.service, "inner/message.proto": Self.message]) { folder in
      var sources = SchemaSources()
      sources.compile(protos: [folder], importPaths: [])
      #expect(sources.faults == [])
      let description = try ServiceDescription(sources)
      #expect(description.routes.map(\.path) == ["/v1/{name}", "/a.S/Get"])
    }
  }

  @Test(.enabled(if: hasCompiler)) func aFileIsCompiledWithItsImports() throws {
    try withFiles(["one/service.proto": Self.service, "two/inner/message.proto": Self.message]) { folder in
      var sources = SchemaSources()
      sources.compile(protos: [folder + "/one/service.proto"], importPaths: [folder + "/two"])
      let routes = try ServiceDescription(sources).routes
      #expect(routes.count == 2)
    }
  }

  @Test(.enabled(if: hasCompiler)) func whatProtocSaysIsPassedOn() throws {
    try withFiles(["a.proto": "syntax = \"proto3\";\nmessage M { strin name = 1; }\n"]) { folder in
      var sources = SchemaSources()
      sources.compile(protos: [folder], importPaths: [])
      #expect(sources.faults.count == 1)
      #expect(sources.faults.first?.hasPrefix("protoc: a.proto:2:13: \"strin\" is not defined.") == true)
    }
  }

  @Test(.enabled(if: hasCompiler)) func whatIsNotThereIsSaid() throws {
    try withFiles(["empty/readme.txt": ""]) { folder in
      var sources = SchemaSources()
      sources.compile(protos: [folder + "/none", folder + "/empty"], importPaths: [folder + "/nope"])
      #expect(
        sources.faults == [
          "--proto-path \(folder)/nope is not a directory",
          "--proto \(folder)/none: there is no such file or directory",
          "--proto \(folder)/empty: there is no .proto file in it",
        ])
    }
  }

  @Test func aMissingCompilerIsNamedWithItsPackage() {
    var sources = SchemaSources()
    sources.compile(protos: ["a.proto"], importPaths: [], environment: ["PATH": "/nonexistent"])
    #expect(sources.faults.count == 1)
    #expect(sources.faults.first?.contains("apt-get install protobuf-compiler") == true)
  }
}
