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

  private static func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
    let count = bytes.count
    return [number << 3 | 2] + (count < 0x80 ? [UInt8(count)] : [UInt8(count & 0x7F) | 0x80, UInt8(count >> 7)]) + bytes
  }

  private static func text(_ number: UInt8, _ text: String) -> [UInt8] { field(number, Array(text.utf8)) }

  /// A file `annotated.proto` with a service `a.S`, whose methods have these `google.api.http` options.
  private static func annotatedSet(_ rules: [(method: String, rule: [UInt8])]) -> [UInt8] {
    let methods = rules.flatMap { name, rule in
      field(
        2,
        text(1, name) + text(2, ".a.M") + text(3, ".a.M")
          + field(4, [0x82, 0xD3, 0xE4, 0x93, 0x02, UInt8(rule.count)] + rule))
    }
    return field(
      1,
      text(1, "annotated.proto") + text(2, "a") + field(4, text(1, "M")) + field(6, text(1, "S") + methods)
        + text(12, "proto3"))
  }

  /// A file `bad.proto` whose message has a field of a type that is nowhere, and a service `bad.S`.
  private static let badSet: [UInt8] = {
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

  @Test func anAnnotationThatIsNoRuleHidesNoOther() {
    let set = Self.annotatedSet([
      ("NoPath", Self.text(7, "*")), ("NoField", Self.text(2, "/{nope}")), ("NoText", [0x12, 1, 0xFF]),
      ("Same", Self.text(2, "/same")), ("AsSame", Self.text(2, "/same")),
    ])
    let all = faults([("a.binpb", set)], [])
    #expect(all.count == 4)
    for name in ["NoPath", "NoField", "NoText", "AsSame"] {
      #expect(all.contains { $0.hasPrefix("annotated.proto: google.api.http of a.S.\(name)") }, "\(all)")
    }
    // A configuration takes an annotation's place, whatever is wrong with that.
    let replaced = faults([("a.binpb", set)], [("r.yaml", Self.rules("    - { selector: a.S.NoPath, get: /x }\n"))])
    #expect(replaced.count == 3)
  }

  @Test func anUnknownMethodIsAFaultWhereTheSchemaIsWhole() {
    let lines = faults(
      [("order.binpb", OrderServiceDescription.descriptorSet)],
      [("one.yaml", Self.rules("    - selector: order.OrderManagement.getOrdr\n      get: /v1/x\n"))])
    #expect(lines.count == 1)
    #expect(lines.first?.contains("did you mean \"order.OrderManagement.getOrder\"?") == true)
  }
}
