public import Foundation

/// Where a schema and its rules come from, read and not yet understood.
///
/// Reading goes on after a fault, so that everything that is wrong is told at once.
public struct SchemaSources: Sendable {
  /// Serialized `FileDescriptorSet`s.
  public var descriptorSets: [ServiceDescription.Source<[UInt8]>]
  /// Serialized `FileDescriptorProto`s, as server reflection brings them.
  public var files: [ServiceDescription.Source<[UInt8]>]
  /// Service configurations in YAML.
  public var rules: [ServiceDescription.Source<String>]
  /// What could not be read, a line each.
  public private(set) var faults: [String] = []
  /// Whether every descriptor that was named is here; where one is missing, a method may be unknown for that alone.
  private(set) var isWhole = true

  public init(
    descriptorSets: [ServiceDescription.Source<[UInt8]>] = [], files: [ServiceDescription.Source<[UInt8]>] = [],
    rules: [ServiceDescription.Source<String>] = []
  ) {
    self.descriptorSets = descriptorSets
    self.files = files
    self.rules = rules
  }

  public mutating func read(descriptorSet path: String) {
    do { descriptorSets.append(.init(name: path, content: try FileContents.read(path))) } catch { miss(error) }
  }

  public mutating func read(rules path: String) {
    do { rules.append(.init(name: path, content: try FileContents.readText(path))) } catch { faults += error.lines }
  }

  /// Compiles `.proto` files; none of them is nothing to do.
  ///
  /// - Parameter environment: whose `PATH` has protoc.
  public mutating func compile(
    protos: [String], importPaths: [String], environment: [String: String] = ProcessInfo.processInfo.environment
  ) {
    guard !protos.isEmpty else { return }
    do {
      let set = try ProtoCompiler(environment: environment).compile(protos, importPaths: importPaths)
      descriptorSets.append(.init(name: "protoc", content: set))
    } catch { miss(error) }
  }

  /// Asks the upstream itself; one that is not there is not waited for when something else is wrong already.
  public mutating func reflect(_ schema: ReflectedSchema) async throws {
    var schema = schema
    if !faults.isEmpty { schema.patience = .zero }
    do { files += try await schema.fetch() } catch let failure as GatewayFailure { miss(failure) }
  }

  private mutating func miss(_ failure: GatewayFailure) {
    faults += failure.lines
    isWhole = false
  }
}
