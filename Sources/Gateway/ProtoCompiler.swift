import Foundation
import ProtobufSchema

/// Turns `.proto` files into a descriptor set by calling `protoc`.
///
/// The compiler is the real one: what it accepts is accepted here, what it says is passed on. Files of
/// `google/protobuf`, `google/api` and `google/rpc` need no import path; those that every schema has stand in.
struct ProtoCompiler {
  /// 10,000 `.proto` files below one directory: more is a wrong directory, such as `/`.
  static let maximumFiles = 10_000

  private let executable: URL

  /// Looks for `protoc` in the directories of `PATH`.
  init(environment: [String: String]) throws(GatewayFailure) {
    let directories = (environment["PATH"] ?? "").split(separator: ":").map { URL(fileURLWithPath: String($0)) }
    let candidates = directories.map { $0.appendingPathComponent("protoc") }
    guard let found = candidates.first(where: { FileManager.default.isExecutableFile(atPath: $0.path) }) else {
      throw GatewayFailure(
        "--proto needs protoc, which is not installed (Debian and Ubuntu: apt-get install protobuf-compiler); "
          + "or give a descriptor set with --descriptors")
    }
    executable = found
  }

  /// - Parameters:
  ///   - protos: files, and directories whose `.proto` files are all meant; a directory is an import path too.
  ///   - importPaths: where imports are looked for first.
  /// - Returns: a serialized `FileDescriptorSet` with imports and comments.
  func compile(_ protos: [String], importPaths: [String]) throws(GatewayFailure) -> [UInt8] {
    let inputs = try ProtoInputs(protos, importPaths: importPaths)
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("gateway-\(UUID().uuidString)")
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      let output = folder.appendingPathComponent("out.binpb")
      let builtIn = folder.appendingPathComponent("built-in.binpb")
      try Data(Schema.builtInDescriptorSet).write(to: builtIn)
      try run(
        inputs.importPaths.map { "--proto_path=\($0)" }
          + [
            "--descriptor_set_in=\(builtIn.path)", "--include_imports", "--include_source_info",
            "--descriptor_set_out=\(output.path)",
          ] + inputs.files)
      return [UInt8](try Data(contentsOf: output))
    } catch let failure as GatewayFailure {
      throw failure
    } catch {
      throw GatewayFailure("protoc cannot be run: \(error.localizedDescription)")
    }
  }

  private func run(_ arguments: [String]) throws {
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    let errors = Pipe()
    process.standardError = errors
    process.standardOutput = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus != 0 || process.terminationReason != .exit else { return }
    let lines = text.split(whereSeparator: \.isNewline).map { "protoc: \($0)" }
    throw GatewayFailure(lines: lines.isEmpty ? ["protoc failed with status \(process.terminationStatus)"] : lines)
  }
}

/// What protoc is given: files, each below an import path.
struct ProtoInputs: Equatable {
  private(set) var files: [String] = []
  private(set) var importPaths: [String]

  /// Reports every path that does not exist or holds nothing.
  init(_ protos: [String], importPaths: [String]) throws(GatewayFailure) {
    self.importPaths = importPaths
    var faults: [String] = []
    for path in importPaths where !Self.isDirectory(path) { faults.append("--proto-path \(path) is not a directory") }
    for path in protos {
      if Self.isDirectory(path) {
        let found = Self.protoFiles(below: path)
        if found.isEmpty { faults.append("--proto \(path): there is no .proto file in it") }
        if found.count > ProtoCompiler.maximumFiles {
          faults.append("--proto \(path): there are more than \(ProtoCompiler.maximumFiles) .proto files in it")
        }
        files += found.prefix(ProtoCompiler.maximumFiles)
        add(importPath: path)
      } else if FileManager.default.isReadableFile(atPath: path) {
        files.append(path)
        if !self.importPaths.contains(where: { Self.contains($0, path) }) {
          add(importPath: URL(fileURLWithPath: path).deletingLastPathComponent().path)
        }
      } else {
        faults.append("--proto \(path): there is no such file or directory")
      }
    }
    guard faults.isEmpty else { throw GatewayFailure(lines: faults) }
  }

  private mutating func add(importPath: String) {
    if !importPaths.contains(importPath) { importPaths.append(importPath) }
  }

  private static func isDirectory(_ path: String) -> Bool {
    var isDirectory: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
  }

  private static func contains(_ directory: String, _ file: String) -> Bool {
    let directory = URL(fileURLWithPath: directory).standardizedFileURL.pathComponents
    return URL(fileURLWithPath: file).standardizedFileURL.pathComponents.starts(with: directory)
  }

  /// In the order of their names, so that the same files always make the same schema.
  private static func protoFiles(below directory: String) -> [String] {
    guard let walk = FileManager.default.enumerator(atPath: directory) else { return [] }
    var found: [String] = []
    while let name = walk.nextObject() as? String, found.count <= ProtoCompiler.maximumFiles {
      let isHidden = name.split(separator: "/").contains { $0.hasPrefix(".") }
      if name.hasSuffix(".proto"), !isHidden { found.append(directory + "/" + name) }
    }
    return found.sorted()
  }
}
