internal import JSONTree
internal import ProtobufSchema

/// Names each service once, as the tag of its operations and as the front part of their ids.
///
/// The simple name when no other described service has it, the full name otherwise.
struct OpenAPITags {
  private let services: [ServiceSchema]
  private let nameByService: [String: String]

  init(_ routes: [OpenAPIRoute]) {
    var services: [ServiceSchema] = []
    for route in routes where services.last != route.method.service { services.append(route.method.service) }
    let bySimpleName = Dictionary(grouping: services, by: \.name)
    self.services = services
    nameByService = Dictionary(
      uniqueKeysWithValues: services.map { service in
        (service.fullName, bySimpleName[service.name]?.count == 1 ? service.name : service.fullName)
      })
  }

  func name(of service: ServiceSchema) -> String { nameByService[service.fullName] ?? service.fullName }

  /// `Service_Method`, and a number from the second binding on, as grpc-gateway and gnostic have it.
  func operationID(_ route: OpenAPIRoute) -> String {
    "\(name(of: route.method.service))_\(route.method.name)\(route.binding == 1 ? "" : "\(route.binding)")"
  }

  func tree() -> JSONTree {
    var list = JSONTree.array()
    for service in services {
      var tag = JSONTree.object()
      tag.set("name", to: name(of: service))
      let comment = CommentText(service.comments)
      tag.set("description", to: comment.isEmpty ? "The gRPC service `\(service.fullName)`." : comment.whole)
      list.append(tag)
    }
    return list
  }
}
