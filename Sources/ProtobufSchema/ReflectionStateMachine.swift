/// Asks one server for all its services and every file they need, one question after another on one stream.
///
///     opened -> listing -> fetching (a file per service, then a file per import that is missing) -> over
///
/// Servers differ in what they send for a service: its file with all that it imports, or the file alone, or only
/// what they have not sent on this stream yet. So nothing is taken for granted, and every import is looked up that
/// has not come by itself. Holds no socket and no clock.
public struct ReflectionStateMachine: ~Copyable {
  private enum State {
    /// The services have been asked for. -> fetching, over
    case listing
    /// `asked` has been asked for, `waiting` are yet to be. -> over
    case fetching(asked: Question, waiting: [Question])
    /// Everything is there, or nothing more will be.
    case over
  }

  private enum Question: Equatable {
    case service(String)
    case importedFile(String, by: String)

    var request: ReflectionRequest {
      switch self {
      case .service(let name): .fileContaining(symbol: name)
      case .importedFile(let name, _): .fileByName(name)
      }
    }

    var words: String {
      switch self {
      case .service(let name): "the service \(name)"
      case .importedFile(let name, let importer): "the file \(name), which \(importer) imports"
      }
    }

    /// Whether the schema has the file by itself: some servers do not keep those of the language.
    var mayBeMissing: Bool {
      switch self {
      case .service: false
      case .importedFile(let name, _): BuiltInDescriptors.fileNames.contains(name)
      }
    }
  }

  private let limits: ReflectionLimits
  private var state = State.listing
  private var files: [ReflectedFile] = []
  private var names: Set<String> = []
  /// Files that have been asked for by name.
  private var requested: Set<String> = []
  private var receivedBytes = 0
  /// What the server lists or imports and does not know.
  private var gaps: [String] = []

  public init(limits: ReflectionLimits = ReflectionLimits()) {
    self.limits = limits
  }

  public enum Action: Sendable, Equatable {
    case ask(ReflectionRequest)
    /// All files, in the order in which they came.
    case finish([ReflectedFile])
    case fail(ReflectionFault)
    case ignore
  }

  /// The first question.
  public mutating func opened() -> Action { .ask(.listServices) }

  /// The server has answered the last question.
  public mutating func responseReceived(_ wire: [UInt8]) -> Action {
    if case .over = state { return .ignore }
    receivedBytes += wire.count
    guard receivedBytes <= limits.maximumBytes else {
      return fail(.tooLarge, ["the descriptors are larger than \(limits.maximumBytes) bytes"])
    }
    let response: ReflectionResponse
    do {
      response = try ReflectionResponse(wire: wire)
    } catch {
      return fail(.malformed, ["an answer is not a grpc.reflection.v1.ServerReflectionResponse"])
    }
    switch state {
    case .listing: return listed(response)
    case .fetching(let asked, let waiting): return fetched(response, asked: asked, waiting: waiting)
    case .over: return .ignore
    }
  }

  /// The server has ended the stream of its own accord.
  public mutating func streamEnded() -> Action {
    if case .over = state { return .ignore }
    return fail(.malformed, ["the stream ended before every question was answered"])
  }

  private mutating func listed(_ response: ReflectionResponse) -> Action {
    switch response {
    case .services(let listed):
      guard listed.count <= limits.maximumServices else {
        return fail(.tooLarge, ["\(listed.count) services are listed, more than \(limits.maximumServices)"])
      }
      // Reflection itself is for tools, which speak gRPC.
      let services = listed.filter { !$0.hasPrefix("grpc.reflection.") }
      guard !services.isEmpty else { return fail(.incomplete, ["the server lists no services"]) }
      return next(services.map { .service($0) })
    case .failure(let code, let message):
      return fail(.refused, ["the server does not list its services: \(Self.words(code, message))"])
    case .files:
      return fail(.malformed, ["the list of services was answered with files"])
    }
  }

  private mutating func fetched(_ response: ReflectionResponse, asked: Question, waiting: [Question]) -> Action {
    var waiting = waiting
    switch response {
    case .files(let descriptors):
      do {
        for descriptor in descriptors { keep(try ReflectedFile(descriptor)) }
      } catch {
        return fail(.malformed, ["a file of \(asked.words) is not a google.protobuf.FileDescriptorProto"])
      }
      guard files.count <= limits.maximumFiles else {
        return fail(.tooLarge, ["there are more than \(limits.maximumFiles) files"])
      }
    case .failure(let code, let message):
      if !asked.mayBeMissing { gaps.append("\(asked.words): \(Self.words(code, message))") }
    case .services:
      return fail(.malformed, ["the question for \(asked.words) was answered with services"])
    }
    // Imports come last: most of them have arrived with the services by then.
    if waiting.isEmpty { waiting = missingImports() }
    return next(waiting)
  }

  private mutating func keep(_ file: ReflectedFile) {
    if names.insert(file.name).inserted { files.append(file) }
  }

  private mutating func missingImports() -> [Question] {
    var missing: [Question] = []
    for file in files {
      for name in file.imports where !names.contains(name) && requested.insert(name).inserted {
        missing.append(.importedFile(name, by: file.name))
      }
    }
    return missing
  }

  private mutating func next(_ waiting: [Question]) -> Action {
    guard let question = waiting.first else {
      guard gaps.isEmpty else { return fail(.incomplete, gaps) }
      state = .over
      return .finish(files)
    }
    state = .fetching(asked: question, waiting: Array(waiting.dropFirst()))
    return .ask(question.request)
  }

  private mutating func fail(_ code: ReflectionFault.Code, _ lines: [String]) -> Action {
    state = .over
    return .fail(ReflectionFault(code: code, lines: lines))
  }

  private static func words(_ code: Int, _ message: String) -> String {
    // What a hostile server writes is shown short.
    let text = String(message.prefix(200))
    return text.isEmpty ? "code \(code)" : "\(text.quoted) (code \(code))"
  }
}

/// How much of a server's word is taken.
public struct ReflectionLimits: Sendable, Equatable {
  /// 1000: a server with more services is not a server but a fault.
  public var maximumServices = 1000
  /// 10,000 files: twice what all of Google's public APIs have.
  public var maximumFiles = 10_000
  /// 64 MiB, all answers together; descriptors of large services have a few.
  public var maximumBytes = 64 * 1024 * 1024

  public init() {}
}

/// Why a server's word does not make a schema.
public struct ReflectionFault: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Code: Sendable, Equatable {
    /// Something is listed or imported that the server does not know.
    case incomplete
    /// The server answered a question with an error.
    case refused
    case malformed
    /// A limit of `ReflectionLimits`.
    case tooLarge
  }

  public let code: Code
  /// One for each gap or fault; never empty.
  public let lines: [String]

  public init(code: Code, lines: [String]) {
    self.code = code
    self.lines = lines
  }

  public var description: String { lines.joined(separator: "\n") }
}
