import GRPCCore
import GRPCProtobuf
import SwiftProtobuf

/// `ServerReflection` in both its versions: `grpc.reflection.v1`, and `v1alpha` for older clients.
///
/// The messages of the two are the same byte for byte, so those of v1 serve under both names.
struct ReflectionService: RegistrableRPCService {
  private typealias Request = Grpc_Reflection_V1_ServerReflectionRequest
  private typealias Response = Grpc_Reflection_V1_ServerReflectionResponse

  let index: DescriptorIndex

  func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
    for version in ["v1", "v1alpha"] {
      router.registerHandler(
        forMethod: MethodDescriptor(
          fullyQualifiedService: "grpc.reflection.\(version).ServerReflection", method: "ServerReflectionInfo"),
        deserializer: ProtobufDeserializer<Request>(),
        serializer: ProtobufSerializer<Response>()
      ) { request, _ in
        StreamingServerResponse { writer in
          for try await question in request.messages {
            try await writer.write(answer(question))
          }
          return [:]
        }
      }
    }
  }

  private func answer(_ request: Request) -> Response {
    .with {
      $0.validHost = request.host
      $0.originalRequest = request
      $0.messageResponse = answer(request.messageRequest)
    }
  }

  private func answer(_ request: Request.OneOf_MessageRequest?) -> Response.OneOf_MessageResponse {
    switch request {
    case .fileByFilename(let name):
      return files(from: name) ?? notFound("file \(name)")
    case .fileContainingSymbol(let symbol):
      return files(from: index.file(containingSymbol: symbol)) ?? notFound("symbol \(symbol)")
    case .fileContainingExtension(let wanted):
      let file = index.file(containingExtension: wanted.extensionNumber, of: wanted.containingType)
      return files(from: file) ?? notFound("extension \(wanted.extensionNumber) of \(wanted.containingType)")
    case .allExtensionNumbersOfType(let type):
      guard let numbers = index.extensionNumbers(of: type) else { return notFound("message \(type)") }
      return .allExtensionNumbersResponse(
        .with {
          $0.baseTypeName = type
          $0.extensionNumber = numbers
        })
    case .listServices:
      return .listServicesResponse(
        .with {
          $0.service = index.services.sorted().map { name in .with { $0.name = name } }
        })
    case nil:
      return .errorResponse(error(.invalidArgument, "the request asks for nothing"))
    }
  }

  private func files(from name: String?) -> Response.OneOf_MessageResponse? {
    guard let name, let files = index.fileWithImports(named: name) else { return nil }
    return .fileDescriptorResponse(.with { $0.fileDescriptorProto = files })
  }

  private func notFound(_ what: String) -> Response.OneOf_MessageResponse {
    .errorResponse(error(.notFound, "unknown \(what)"))
  }

  private func error(_ code: RPCError.Code, _ message: String) -> Grpc_Reflection_V1_ErrorResponse {
    .with {
      $0.errorCode = Int32(code.rawValue)
      $0.errorMessage = message
    }
  }
}
