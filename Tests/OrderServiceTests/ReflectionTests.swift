import Foundation
import GRPCCore
import GRPCProtobuf
import SwiftProtobuf
import Testing

@testable import OrderService

@Suite struct DescriptorIndexTests {
  /// Two files: `a.proto` imports `b.proto` and extends a message of it, twice.
  private static func index() throws -> DescriptorIndex {
    try DescriptorIndex(
      .with {
        $0.file = [
          .with {
            $0.name = "b.proto"
            $0.messageType = [
              .with {
                $0.name = "Extended"
                $0.extensionRange = [.with { ($0.start, $0.end) = (100, 200) }]
              }
            ]
          },
          .with {
            $0.name = "a.proto"
            $0.package = "pkg"
            $0.dependency = ["b.proto", "missing.proto"]
            $0.extension = [extensionField("two", 102)]
            $0.messageType = [
              .with {
                $0.name = "Message"
                $0.extension = [extensionField("one", 101)]
                $0.nestedType = [.with { $0.name = "Nested" }]
                $0.oneofDecl = [.with { $0.name = "choice" }]
                $0.enumType = [
                  .with {
                    $0.name = "Kind"
                    $0.value = [.with { $0.name = "PLAIN" }]
                  }
                ]
              }
            ]
          },
        ]
      })
  }

  private static func extensionField(_ name: String, _ number: Int32) -> Google_Protobuf_FieldDescriptorProto {
    .with {
      $0.name = name
      $0.number = number
      $0.extendee = ".Extended"
    }
  }

  @Test(
    arguments: [
      ("Extended", "b.proto"), ("pkg.Message", "a.proto"), (".pkg.Message", "a.proto"),
      ("pkg.Message.Nested", "a.proto"),
      ("pkg.Message.Kind", "a.proto"), ("pkg.Message.PLAIN", "a.proto"), ("pkg.two", "a.proto"),
      ("pkg.Message.one", "a.proto"), ("pkg.Message.choice", "a.proto"), ("pkg.one", nil),
      ("pkg.Message.Kind.PLAIN", nil),
      ("", nil), ("pkg", nil),
    ] as [(String, String?)])
  func knowsWhereANameIsDeclared(name: String, file: String?) throws {
    #expect(try Self.index().file(containingSymbol: name) == file)
  }

  @Test func knowsExtensions() throws {
    let index = try Self.index()
    #expect(index.extensionNumbers(of: "Extended") == [101, 102])
    #expect(index.extensionNumbers(of: "pkg.Message") == [])
    #expect(index.extensionNumbers(of: "pkg.Kind") == nil)
    #expect(index.file(containingExtension: 101, of: "Extended") == "a.proto")
    #expect(index.file(containingExtension: 103, of: "Extended") == nil)
  }

  @Test func aFileComesWithItsImports() throws {
    let index = try Self.index()
    let names = try index.fileWithImports(named: "a.proto")?.map {
      try Google_Protobuf_FileDescriptorProto(serializedBytes: $0).name
    }
    #expect(names == ["a.proto", "b.proto"])
    #expect(index.fileWithImports(named: "c.proto") == nil)
  }
}

@Suite(.timeLimit(.minutes(1))) struct ReflectionServiceTests {
  typealias Request = Grpc_Reflection_V1_ServerReflectionRequest
  typealias Response = Grpc_Reflection_V1_ServerReflectionResponse

  @Test(arguments: ["v1", "v1alpha"])
  func answersUnderBothNames(version: String) async throws {
    let questions: [Request] = [
      .with {
        $0.host = "h"
        $0.listServices = ""
      },
      .with { $0.fileContainingSymbol = "order.OrderManagement" },
      .with { $0.fileByFilename = "none.proto" },
      .with { $0.allExtensionNumbersOfType = "order.Order" },
      .with { $0.fileContainingExtension = .with { ($0.containingType, $0.extensionNumber) = ("order.Order", 5) } },
      Request(),
    ]
    var answers: [Response] = []
    try await withOrderServer { _, client in
      answers = try await client.bidirectionalStreaming(
        request: StreamingClientRequest { try await $0.write(contentsOf: questions) },
        descriptor: MethodDescriptor(
          fullyQualifiedService: "grpc.reflection.\(version).ServerReflection", method: "ServerReflectionInfo"),
        serializer: ProtobufSerializer<Request>(), deserializer: ProtobufDeserializer<Response>(), options: .defaults
      ) { try await $0.messages.reduce(into: []) { $0.append($1) } }
    }
    try #require(answers.count == questions.count)
    #expect(answers.map(\.originalRequest) == questions)
    #expect(answers[0].validHost == "h")
    #expect(
      answers[0].listServicesResponse.service.map(\.name) == [
        "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection",
        "order.OrderManagement",
      ])
    let files = try answers[1].fileDescriptorResponse.fileDescriptorProto.map {
      try Google_Protobuf_FileDescriptorProto(serializedBytes: $0).name
    }
    #expect(files == ["order.proto", "google/protobuf/wrappers.proto", "google/protobuf/timestamp.proto"])
    #expect(answers[3].allExtensionNumbersResponse.extensionNumber == [])
    #expect(answers[2].errorResponse.errorCode == 5)
    #expect(answers[4].errorResponse.errorCode == 5)
    #expect(answers[5].errorResponse.errorCode == 3)
  }
}
