internal import ProtobufSchema
internal import Yams

extension SettingsReader {
  /// Reads a configuration file from disk; names of files in it are relative to its folder.
  public mutating func read(file: String) throws(GatewayFailure) {
    let text = try FileContents.readText(file)
    let folder = file.contains("/") ? String(file[..<(file.lastIndex(of: "/") ?? file.startIndex)]) : ""
    read(yaml: text, file: file, folder: file.hasPrefix("/") && folder.isEmpty ? "/" : folder)
  }

  /// Reads a configuration file; names of files in it are relative to `folder`.
  public mutating func read(yaml: String, file: String, folder: String = "") {
    let root: Node?
    do {
      root = try Yams.compose(yaml: yaml)
    } catch let error as YamlError {
      let (line, message) = error.placed(in: yaml)
      return fail("\(file):\(line): \(message)")
    } catch {
      return fail("\(file): not YAML")
    }
    // An empty file says nothing, which is legal.
    guard let root, root != Node("") else { return }
    read(root, section: nil, file: file, folder: folder)
  }

  private mutating func read(_ node: Node, section: String?, file: String, folder: String) {
    guard let mapping = node.mapping else {
      return fail("\(file):\(Self.line(of: node)): \(section ?? "the file") is not a mapping of settings")
    }
    for (keyNode, value) in mapping {
      let place = "\(file):\(Self.line(of: keyNode))"
      guard let name = keyNode.scalar?.string else {
        fail("\(place): a key is not a name")
        continue
      }
      let key = section.map { "\($0).\(name)" } ?? name
      if key == Self.upstreamsKey {
        readUpstreams(value, file: file, folder: folder)
        continue
      }
      if let setting = Setting.byKey[key] {
        read(value, setting: setting, place: place, folder: folder)
      } else if section == nil, Self.sections.contains(name) {
        read(value, section: name, file: file, folder: folder)
      } else {
        fail("\(place): unknown setting \(key)" + Self.hint(Self.nearest(to: name, in: section)))
      }
    }
  }

  private mutating func read(_ node: Node, setting: Setting, place: String, folder: String) {
    let nodes = setting.isList ? node.sequence.map { Array($0) } ?? [node] : [node]
    var values: [String] = []
    for node in nodes {
      guard let scalar = node.scalar else {
        return fail("\(place): \(setting.key) is not a plain value, expected \(setting.expected)")
      }
      values.append(setting.placeholder == "file" ? Self.path(scalar.string, in: folder) : scalar.string)
    }
    set(setting, to: values, origin: place)
  }

  /// A file that is named without its folder stands beside the configuration file.
  static func path(_ name: String, in folder: String) -> String {
    name.isEmpty || name.hasPrefix("/") || folder.isEmpty ? name : "\(folder)/\(name)"
  }

  private static let sections = Set(Setting.all.compactMap(\.section))

  /// The name that was probably meant: of this section first, then of any.
  private static func nearest(to name: String, in section: String?) -> String? {
    let here =
      Setting.all.filter { $0.section == section }.map(\.name)
      + (section == nil ? sections.sorted() + [upstreamsKey] : [])
    if let nearest = NearMiss.nearest(to: name, among: here) { return section.map { "\($0).\(nearest)" } ?? nearest }
    return NearMiss.nearest(to: name, among: Setting.all.map(\.name)).flatMap { found in
      Setting.all.first { $0.name == found }?.key
    }
  }

  static func line(of node: Node) -> Int { node.mark?.line ?? 1 }
}
