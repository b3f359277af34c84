internal import SwiftProtobuf

/// Collects descriptor sets and freezes them into a `Schema`.
///
/// The well-known types, `google/rpc` and `google/api` are always there; a set that brings its own version of one of
/// those files wins over the built-in one. A file that comes in several sets must be the same in each.
public struct SchemaBuilder {
  let options: SchemaOptions
  var sources: [DescriptorSource] = []
  var errors: [SchemaError] = []

  public init(options: SchemaOptions = SchemaOptions()) {
    self.options = options
  }

  /// Adds a serialized `google.protobuf.FileDescriptorSet`, as `protoc --include_imports --descriptor_set_out` makes it.
  ///
  /// - Parameter origin: what errors call the set, such as its file name.
  public mutating func add(descriptorSet bytes: [UInt8], origin: String) {
    read(set: bytes, origin: origin, isBuiltIn: false)
  }

  /// Adds one serialized `google.protobuf.FileDescriptorProto`, as server reflection answers.
  public mutating func add(fileDescriptor bytes: [UInt8], origin: String) {
    read(file: bytes, origin: origin)
  }

  /// Links what can be linked: a file with a fault is left out, and with it every file that imports it.
  ///
  /// For going on to look for further faults; a schema with errors beside it must not be served.
  public consuming func buildWhatIsSound() -> (schema: Schema?, errors: [SchemaError]) {
    read(set: BuiltInDescriptors.bytes, origin: "built-in descriptors", isBuiltIn: true)
    var linker = SchemaLinker(sources: sources, options: options, errors: errors)
    if let frozen = linker.link() { return (Schema(frozen), []) }
    var faulty = Set(linker.errors.map(\.file))
    var count = -1
    while faulty.count != count {
      count = faulty.count
      for source in sources where !faulty.isDisjoint(with: source.file.dependency) { faulty.insert(source.file.name) }
    }
    var rest = SchemaLinker(
      sources: sources.filter { $0.isBuiltIn || !faulty.contains($0.file.name) }, options: options, errors: [])
    return (rest.link().map { Schema($0) }, linker.errors)
  }

  /// Checks and links everything that was added.
  ///
  /// - Throws: all faults of all files at once.
  public consuming func build() throws(SchemaErrors) -> Schema {
    read(set: BuiltInDescriptors.bytes, origin: "built-in descriptors", isBuiltIn: true)
    var linker = SchemaLinker(sources: sources, options: options, errors: errors)
    guard let frozen = linker.link() else { throw SchemaErrors(errors: linker.errors) }
    return Schema(frozen)
  }
}

/// What a schema keeps beyond what calls need.
public struct SchemaOptions: Sendable {
  /// Keeps the comments of every element (`source_code_info`), for documentation.
  public var keepsComments: Bool

  public init(keepsComments: Bool = false) {
    self.keepsComments = keepsComments
  }
}
