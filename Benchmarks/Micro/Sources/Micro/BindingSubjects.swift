import HTTPRule
import ProtobufJSON
import Transcoding

/// What a request's path and query become.
enum BindingSubjects {
  static var all: [Subject] {
    [
      bind("bind/path-variable", path: "/v1/orders/101", query: ""),
      bind("bind/query", path: "/v1/orders:search", query: "value=iPhone+XS"),
    ]
  }

  private static func bind(_ name: String, path: String, query: String) -> Subject {
    let (path, query) = (Array(path.utf8), Array(query.utf8))
    return Subject(name) {
      let service = try OrderServiceDescription()
      guard
        case .matched(let binding, let variables) = service.bindings.table.match(
          method: "GET", path: path.span.bytes)
      else { throw SubjectError("\(name): no route") }
      let output = Holder(OutputBuffer())
      return { count in
        for _ in 0..<count {
          output.value.removeAll()
          keep(
            try binding.bindRequest(
              path: path.span.bytes, variables: variables, query: query.span.bytes, into: &output.value))
        }
      }
    }
  }
}
