/// What a schema is asked for, as a `grpc.reflection.v1.ServerReflectionRequest`.
///
///     message ServerReflectionRequest {
///       string host = 1;
///       oneof message_request {
///         string file_by_filename = 3;
///         string file_containing_symbol = 4;
///         ExtensionRequest file_containing_extension = 5;
///         string all_extension_numbers_of_type = 6;
///         string list_services = 7;
///       }
///     }
public enum ReflectionRequest: Sendable, Hashable {
  case listServices
  /// The file with this name, `google/api/http.proto`.
  case fileByName(String)
  /// The file that declares the service, and mostly all that it imports.
  case fileContaining(symbol: String)

  /// The serialized message; v1alpha has the same bytes.
  public var wire: [UInt8] {
    switch self {
    // What stands in list_services is not looked at; grpc-java wants it to be there.
    case .listServices: Self.field(7, "*")
    case .fileByName(let name): Self.field(3, name)
    case .fileContaining(symbol: let symbol): Self.field(4, symbol)
    }
  }

  private static func field(_ number: UInt8, _ text: String) -> [UInt8] {
    var bytes = [number << 3 | 2]
    var count = text.utf8.count
    while count > 0x7F {
      bytes.append(UInt8(truncatingIfNeeded: count) | 0x80)
      count >>= 7
    }
    bytes.append(UInt8(count))
    return bytes + text.utf8
  }
}

/// What a server answers, as a `grpc.reflection.v1.ServerReflectionResponse`.
///
///     message ServerReflectionResponse {
///       string valid_host = 1;
///       ServerReflectionRequest original_request = 2;
///       oneof message_response {
///         FileDescriptorResponse file_descriptor_response = 4;          // repeated bytes file_descriptor_proto = 1
///         ExtensionNumberResponse all_extension_numbers_response = 5;
///         ListServiceResponse list_services_response = 6;               // repeated ServiceResponse service = 1
///         ErrorResponse error_response = 7;                             // int32 error_code = 1, string error_message = 2
///       }
///     }
///     message ServiceResponse { string name = 1; }
public enum ReflectionResponse: Sendable, Hashable {
  /// Serialized `google.protobuf.FileDescriptorProto`s.
  case files([ArraySlice<UInt8>])
  case services([String])
  /// A gRPC code and the server's words.
  case failure(code: Int, message: String)

  public struct Malformed: Error {}

  /// Reads a serialized message. Of several members of the oneof the last one counts.
  public init(wire: [UInt8]) throws(Malformed) {
    do throws(WireFieldReader.Malformed) {
      guard let response = try Self.read(wire) else { throw WireFieldReader.Malformed() }
      self = response
    } catch {
      throw Malformed()
    }
  }

  private static func read(_ wire: [UInt8]) throws(WireFieldReader.Malformed) -> Self? {
    var response: Self?
    var reader = WireFieldReader(wire[...])
    while let field = try reader.next() {
      guard let payload = field.payload else { continue }
      switch field.number {
      case 4: response = .files(try payloads(of: payload))
      case 6:
        var names: [String] = []
        for service in try payloads(of: payload) {
          if let name = try payloads(of: service).last { names.append(try WireFieldReader.text(name)) }
        }
        response = .services(names)
      case 7: response = try failure(payload)
      default: continue
      }
    }
    return response
  }

  /// The length-delimited fields with number 1.
  private static func payloads(of bytes: ArraySlice<UInt8>) throws(WireFieldReader.Malformed) -> [ArraySlice<UInt8>] {
    var found: [ArraySlice<UInt8>] = []
    var reader = WireFieldReader(bytes)
    while let field = try reader.next() {
      if field.number == 1, let payload = field.payload { found.append(payload) }
    }
    return found
  }

  private static func failure(_ bytes: ArraySlice<UInt8>) throws(WireFieldReader.Malformed) -> Self {
    var code = 2
    var message = ""
    var reader = WireFieldReader(bytes)
    while let field = try reader.next() {
      if field.number == 1, let value = field.varint { code = Int(truncatingIfNeeded: value) }
      // The text is for people: bytes that are no UTF-8 are shown as such and spoil nothing.
      if field.number == 2, let payload = field.payload { message = String(decoding: payload, as: UTF8.self) }
    }
    return .failure(code: code, message: message)
  }
}

/// One `.proto` file as a server described it.
public struct ReflectedFile: Sendable, Hashable {
  public let name: String
  /// The names of the files it imports.
  public let imports: [String]
  /// The serialized `google.protobuf.FileDescriptorProto`.
  public let bytes: [UInt8]

  /// Looks into the descriptor for its name and imports; what else it holds is the schema's to judge.
  ///
  ///     message FileDescriptorProto { string name = 1; string package = 2; repeated string dependency = 3; … }
  public init(_ bytes: ArraySlice<UInt8>) throws(ReflectionResponse.Malformed) {
    var name = ""
    var imports: [String] = []
    do throws(WireFieldReader.Malformed) {
      var reader = WireFieldReader(bytes)
      while let field = try reader.next() {
        guard let payload = field.payload else { continue }
        if field.number == 1 { name = try WireFieldReader.text(payload) }
        if field.number == 3 { imports.append(try WireFieldReader.text(payload)) }
      }
    } catch {
      throw ReflectionResponse.Malformed()
    }
    guard !name.isEmpty else { throw ReflectionResponse.Malformed() }
    self.name = name
    self.imports = imports
    self.bytes = Array(bytes)
  }
}
