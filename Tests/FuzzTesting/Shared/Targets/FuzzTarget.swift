/// A parser of untrusted bytes and what must hold for whatever it is fed.
///
/// The same code runs under libFuzzer (`Fuzzers`) and over the kept corpus in an ordinary test.
public enum FuzzTarget: String, CaseIterable, Sendable {
  case clientConnection
  case descriptors
  case downstreamConnection
  case headerText
  case inflater
  case jsonMessage
  case jsonStream
  case jsonTree
  case messageDeframer
  case negotiation
  case passiveConnection
  case pathTemplate
  case query
  case reflection
  case requestBinding
  case routeTable
  case serviceConfiguration
  case wireMessage

  public func run(_ bytes: [UInt8]) throws {
    switch self {
    case .clientConnection: try ClientConnectionTarget.run(bytes)
    case .descriptors: try DescriptorsTarget.run(bytes)
    case .downstreamConnection: try DownstreamConnectionTarget.run(bytes)
    case .headerText: try HeaderTextTarget.run(bytes)
    case .inflater: try InflaterTarget.run(bytes)
    case .jsonMessage: try JSONMessageTarget.run(bytes)
    case .jsonStream: try JSONStreamTarget.run(bytes)
    case .jsonTree: try JSONTreeTarget.run(bytes)
    case .messageDeframer: try MessageDeframerTarget.run(bytes)
    case .negotiation: try NegotiationTarget.run(bytes)
    case .passiveConnection: try PassiveConnectionTarget.run(bytes)
    case .pathTemplate: try PathTemplateTarget.run(bytes)
    case .query: try QueryTarget.run(bytes)
    case .reflection: try ReflectionTarget.run(bytes)
    case .requestBinding: try RequestBindingTarget.run(bytes)
    case .routeTable: try RouteTableTarget.run(bytes)
    case .serviceConfiguration: try ServiceConfigurationTarget.run(bytes)
    case .wireMessage: try WireMessageTarget.run(bytes)
    }
  }

  /// For libFuzzer, which takes a trap as the finding.
  public func runOrTrap(_ bytes: UnsafeBufferPointer<UInt8>) -> CInt {
    do {
      try run(Array(bytes))
      return 0
    } catch {
      fatalError("\(self): \(error)")
    }
  }
}

/// What must hold does not.
public struct FuzzFinding: Error, CustomStringConvertible {
  public let description: String
}

func require(_ condition: Bool, _ description: @autoclosure () -> String) throws {
  if !condition { throw FuzzFinding(description: description()) }
}
