import Gateway
import OrderService
import Testing

/// What is wrong with schema and rules is told at once, whole.
@Suite struct ServiceDescriptionTests {
  private func faults(
    _ sets: [(String, [UInt8])], _ rules: [(String, String)]
  ) -> [String] {
    do {
      _ = try ServiceDescription(
        descriptors: sets.map { .init(name: $0.0, content: $0.1) },
        rules: rules.map { .init(name: $0.0, content: $0.1) })
      return []
    } catch {
      return error.lines
    }
  }

  private static func rules(_ lines: String) -> String { "type: google.api.Service\nhttp:\n  rules:\n\(lines)" }

  /// A file `bad.proto` whose message has a field of a type that is nowhere, and a service `bad.S`.
  private static let badSet: [UInt8] = {
    func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] { [number << 3 | 2, UInt8(bytes.count)] + bytes }
    func text(_ number: UInt8, _ text: String) -> [UInt8] { field(number, Array(text.utf8)) }
    let member = text(1, "f") + [0x18, 1, 0x20, 1, 0x28, 11] + text(6, ".no.Such")
    let message = text(1, "M") + field(2, member)
    let method = text(1, "Do") + text(2, ".bad.M") + text(3, ".bad.M")
    let file =
      text(1, "bad.proto") + text(2, "bad") + field(4, message) + field(6, text(1, "S") + field(2, method))
      + text(12, "proto3")
    return field(1, file)
  }()

  @Test func faultsOfEverySourceAreToldAtOnce() {
    let lines = faults(
      [
        ("bad.binpb", Self.badSet), ("garbage.binpb", [0xFF]),
        ("order.binpb", OrderServiceDescription.descriptorSet),
      ],
      [
        (
          "one.yaml",
          Self.rules(
            """
                - selector: order.OrderManagement.getOrder
                  get: /v1/{nope}
                - selector: order.OrderManagement.addOrder
                  gett: /v1/x
                - selector: bad.S.Do
                  get: /v1/bad
            """)
        ),
        (
          "two.yaml",
          Self.rules(
            """
                - selector: order.OrderManagement.searchOrders
                  get: /v1/{value
                - selector: order.OrderManagement.addOrder
                  post: /a
                  body: "*"
                  additional_bindings:
                    - { post: /a, body: "*" }
            """)
        ),
      ])
    func has(_ parts: String...) -> Bool { lines.contains { line in parts.allSatisfy(line.contains) } }
    #expect(has("garbage.binpb: the bytes are not a google.protobuf.FileDescriptorSet"))
    #expect(has("bad.proto: bad.M.f", "no.Such"))
    #expect(has("one.yaml:7", "no key \"gett\""))
    #expect(has("one.yaml:4", "\"nope\""))
    #expect(has("two.yaml:4", "column"))
    #expect(has("two.yaml:10", "clashes with"))
    // Its file is faulty, so whether its rule is right cannot be told.
    #expect(!has("bad.S.Do"))
  }

  @Test func anUnknownMethodIsAFaultWhereTheSchemaIsWhole() {
    let lines = faults(
      [("order.binpb", OrderServiceDescription.descriptorSet)],
      [("one.yaml", Self.rules("    - selector: order.OrderManagement.getOrdr\n      get: /v1/x\n"))])
    #expect(lines.count == 1)
    #expect(lines.first?.contains("did you mean \"order.OrderManagement.getOrder\"?") == true)
  }
}
