internal import SwiftProtobuf

extension SchemaLinker {
  /// Takes one file of each name, in the order given; built-in files only where the caller's leave room.
  mutating func gatherFiles() {
    var places: [String: Int] = [:]
    var taken: Set<String> = []
    for source in sources {
      let name = source.file.name
      if name.isEmpty {
        errors.append(
          .init(code: .invalid, file: source.origin, element: "", message: "a file in the set has no name"))
        continue
      }
      if let place = places[name] {
        if !source.isBuiltIn, !Self.same(files[place].descriptor, source.file) {
          errors.append(
            .init(
              code: .duplicate, file: name, element: "",
              message: "the file in \(source.origin) differs from the one in \(files[place].origin)"))
        }
        continue
      }
      let symbols = Self.topLevelNames(source.file)
      // A caller may keep google/rpc/status.proto under another path: then ours would be its double.
      if source.isBuiltIn, !taken.isDisjoint(with: symbols) { continue }
      taken.formUnion(symbols)
      places[name] = files.count
      append(source)
    }
  }

  private mutating func append(_ source: DescriptorSource) {
    let syntax = FileSyntax.resolve(source.file)
    if syntax == nil {
      let text =
        source.file.syntax == "editions" ? "edition number \(source.file.edition.rawValue)" : source.file.syntax.quoted
      errors.append(
        .init(
          code: .unsupportedEdition, file: source.file.name, element: "",
          message: "the syntax of the file (\(text)) is not known; proto2, proto3 and editions from 2023 are"))
    }
    let resolved = syntax ?? (name: source.file.syntax, features: .proto3)
    var descriptor = source.file
    let comments = options.keepsComments ? SourceComments(descriptor.sourceCodeInfo) : SourceComments()
    descriptor.clearSourceCodeInfo()
    files.append(
      LinkedFile(
        descriptor: descriptor, origin: source.origin, isBuiltIn: source.isBuiltIn, syntax: resolved.name,
        features: resolved.features, comments: comments))
  }

  /// Two copies of a file are the same when they differ in comments at most.
  private static func same(
    _ a: Google_Protobuf_FileDescriptorProto, _ b: Google_Protobuf_FileDescriptorProto
  ) -> Bool {
    var a = a
    var b = b
    a.clearSourceCodeInfo()
    b.clearSourceCodeInfo()
    return a == b
  }

  private static func topLevelNames(_ file: Google_Protobuf_FileDescriptorProto) -> [String] {
    let names = file.messageType.map(\.name) + file.enumType.map(\.name) + file.service.map(\.name)
    return file.package.isEmpty ? names : names.map { "\(file.package).\($0)" }
  }

  /// Every import is in some set, and none leads back to its importer. Imports of options alone may be missing.
  mutating func checkImports() {
    let places = Dictionary(
      files.enumerated().map { ($0.element.descriptor.name, $0.offset) }, uniquingKeysWith: { first, _ in first })
    var targets: [[Int]] = []
    for (index, file) in files.enumerated() {
      let weak = Set(file.descriptor.weakDependency.map(Int.init))
      var found: [Int] = []
      for (position, name) in file.descriptor.dependency.enumerated() {
        if let target = places[name] {
          found.append(target)
        } else if !weak.contains(position), !file.isBuiltIn {
          fail(
            .missingImport, file: Int32(index), "",
            "imports \(name.quoted), which is in no descriptor set (protoc --include_imports puts it there)")
        }
      }
      targets.append(found)
    }
    reportCycles(targets)
  }

  /// Takes away files whose imports are all taken away already; what is left at the end is in a cycle or behind one.
  private mutating func reportCycles(_ targets: [[Int]]) {
    var open = targets.map(\.count)
    var importers = [[Int]](repeating: [], count: targets.count)
    for (index, found) in targets.enumerated() {
      for target in found { importers[target].append(index) }
    }
    var ready = open.indices.filter { open[$0] == 0 }
    var done = 0
    while let file = ready.popLast() {
      done += 1
      for importer in importers[file] {
        open[importer] -= 1
        if open[importer] == 0 { ready.append(importer) }
      }
    }
    guard done < targets.count else { return }
    for index in open.indices where open[index] > 0 {
      let names = targets[index].filter { open[$0] > 0 }.map { files[$0].descriptor.name.quoted }
      fail(
        .importCycle, file: Int32(index), "", "its imports lead around in a circle, by \(names.joined(separator: ", "))"
      )
    }
  }
}

extension String {
  /// The text in double quotes, with control characters shown by their numbers, for messages to people.
  var quoted: String {
    var text = "\""
    for scalar in unicodeScalars {
      if scalar.value < 0x20 || scalar.value == 0x7F {
        text += "\\u{\(String(scalar.value, radix: 16))}"
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }
}
