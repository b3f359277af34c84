internal import ProtobufSchema

/// Puts settings together from their sources, the weakest first: defaults, file, environment, command line.
///
/// Nothing stops at the first fault: all of them are reported, each with the place it stands at.
public struct SettingsReader: Sendable {
  public private(set) var settings = GatewaySettings()
  /// A line each.
  public private(set) var faults: [String] = []
  /// Where what holds was said, by key; defaults are not in it.
  public private(set) var origins: [String: String] = [:]

  public init() {}

  /// The settings, or every fault that was met.
  public func result() throws(GatewayFailure) -> GatewaySettings {
    let faults = faults + settings.faults
    guard faults.isEmpty else { throw GatewayFailure(lines: faults) }
    return settings
  }

  mutating func append(_ upstream: UpstreamDefinition) { settings.upstreams.append(upstream) }

  mutating func note(_ origin: String, as key: String) { origins[key] = origin }

  mutating func fail(_ fault: String) { faults.append(fault) }

  /// Takes values over; a value that does not hold is a fault and changes nothing.
  mutating func set(_ setting: Setting, to values: [String], origin: String) {
    if let wrong = setting.assign(values, &settings) {
      fail(
        "\(origin): \(setting.key) is \"\(wrong)\", expected \(setting.expected)"
          + (setting.fault(wrong).map { ": \($0)" } ?? ""))
    } else {
      origins[setting.key] = origin
    }
  }

  // MARK: Environment

  /// Variables of the gateway's prefix; one that no setting has is a fault, since it was meant for something.
  public mutating func read(environment: [String: String]) {
    let byVariable = Dictionary(Setting.all.map { ($0.variable, $0) }, uniquingKeysWith: { one, _ in one })
    for (name, value) in environment.sorted(by: { $0.key < $1.key }) where name.hasPrefix("GATEWAY_") {
      guard let setting = byVariable[name] else {
        let nearest = NearMiss.nearest(to: name, among: byVariable.keys.sorted())
        fail("\(name): there is no such setting" + Self.hint(nearest))
        continue
      }
      let values = setting.isList ? value.split(separator: ",").map(String.init) : [value]
      set(setting, to: values, origin: name)
    }
  }

  // MARK: Command line

  /// Reads `--name value`, `--name=value`, and for switches `--name` and `--no-name`.
  public mutating func read(arguments: [String]) {
    var given: [(setting: Setting, values: [String])] = []
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      guard argument.hasPrefix("--") else {
        fail("unexpected argument \"\(argument)\"")
        continue
      }
      let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let (flag, attached) = (parts[0], parts.count > 1 ? parts[1] : nil)
      guard let (setting, isNegated) = Self.setting(flag: flag) else {
        let nearest = NearMiss.nearest(to: flag, among: Setting.all.map(\.flag))
        fail("unknown option \(flag)" + Self.hint(nearest))
        // Its value would be reported as a fault of its own.
        if attached == nil, let next = rest.first, !next.hasPrefix("--") { rest.removeFirst() }
        continue
      }
      var value = attached
      if setting.isSwitch {
        value = isNegated ? "false" : attached ?? "true"
      } else if value == nil {
        value = rest.popFirst()
      }
      guard let value else {
        fail("\(flag) needs a value: \(setting.expected)")
        continue
      }
      if setting.isList, let index = given.firstIndex(where: { $0.setting.key == setting.key }) {
        given[index].values.append(value)
      } else {
        given.append((setting, [value]))
      }
    }
    for (setting, values) in given { set(setting, to: values, origin: setting.flag) }
  }

  private static func setting(flag: String) -> (Setting, isNegated: Bool)? {
    if let setting = Setting.byFlag[flag] { return (setting, false) }
    guard flag.hasPrefix("--no-"), let setting = Setting.byFlag["--" + flag.dropFirst(5)], setting.isSwitch else {
      return nil
    }
    return (setting, true)
  }

  static func hint(_ nearest: String?) -> String { nearest.map { "; did you mean \($0)?" } ?? "" }
}
