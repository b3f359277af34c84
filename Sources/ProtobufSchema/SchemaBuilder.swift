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
