internal import SwiftProtobuf

extension SchemaLinker {
  mutating func linkServices(file index: Int32) {
    let file = files[Int(index)]
    for (i, service) in file.descriptor.service.enumerated() {
      let path = [DescriptorPath.fileService, Int32(i)]
      let element = element(
        service.name, scope: file.descriptor.package, file: index, path: path, symbol: .service,
        options: service.hasOptions ? bytes(of: service.options) : [], isDeprecated: service.options.deprecated)
      let first = Int32(methods.count)
      let place = Int32(services.count)
      for (j, method) in service.method.enumerated() {
        link(method, of: element, service: place, path: path + [DescriptorPath.serviceMethod, Int32(j)])
      }
      services.append(
        ServiceRecord(element: element, firstMethod: first, methodCount: Int32(methods.count) - first))
    }
  }

  private mutating func link(
    _ method: Google_Protobuf_MethodDescriptorProto, of service: ElementRecord, service place: Int32, path: [Int32]
  ) {
    let element = element(
      method.name, scope: service.fullName, file: service.file, path: path, symbol: .member,
      options: method.hasOptions ? bytes(of: method.options) : [], isDeprecated: method.options.deprecated)
    let input = messageType(method.inputType, "request", element: element, scope: service.fullName)
    let output = messageType(method.outputType, "response", element: element, scope: service.fullName)
    guard let input, let output else { return }
    methods.append(
      MethodRecord(
        element: element, service: place, path: "/\(service.fullName)/\(method.name)", input: input, output: output,
        clientStreaming: method.clientStreaming, serverStreaming: method.serverStreaming))
  }

  private mutating func messageType(_ name: String, _ role: String, element: ElementRecord, scope: String) -> Int32? {
    if case .message(let index)? = symbols.type(name, scope: scope) { return index }
    fail(
      .unresolvedType, file: element.file, element.fullName,
      "its \(role) type \(name.quoted) is no message of any given file")
    return nil
  }
}
