internal import HTTPRule
internal import JSONTree
internal import ProtobufSchema

/// The `paths` of the document: routes gathered by path and method.
///
/// OpenAPI takes two paths that differ only in the names of their parameters for one. The first route's names are
/// kept then, and a parameter that fills another field says so with `x-google-field`. What has no place at all is
/// kept in extensions of the path: a method that OpenAPI does not know under `x-google-custom-methods`, a rule whose
/// path and method are those of an earlier one (`{a=*}` and `{b=**}`) under `x-google-ambiguous-rules`.
struct OpenAPIPaths {
  fileprivate struct Item {
    let path: OpenAPIPath
    var operations: [(slot: String, route: OpenAPIRoute, path: OpenAPIPath)] = []
    var custom: [(kind: String, route: OpenAPIRoute, path: OpenAPIPath)] = []
    var ambiguous: [OpenAPIRoute] = []
  }

  private var items: [Item] = []
  private let tags: OpenAPITags

  init(_ routes: [OpenAPIRoute], tags: OpenAPITags) {
    self.tags = tags
    var indexByKey: [String: Int] = [:]
    for route in routes {
      let path = OpenAPIPath(route)
      let index = indexByKey[path.key] ?? items.count
      if index == items.count {
        indexByKey[path.key] = index
        items.append(Item(path: path))
      }
      items[index].add(route, path.renamed(like: items[index].path))
    }
  }

  func tree(components: inout SchemaComponents) -> JSONTree {
    var paths = JSONTree.object()
    for item in items {
      var tree = JSONTree.object()
      tree.set("parameters", to: SharedComponents.headerParameters())
      for (slot, route, path) in item.operations {
        tree.set(slot, to: operation(route, path).tree(components: &components))
      }
      if !item.custom.isEmpty {
        var custom = JSONTree.object()
        for (kind, route, path) in item.custom {
          custom.set(kind, to: operation(route, path).tree(components: &components))
        }
        tree.set("x-google-custom-methods", to: custom)
      }
      if !item.ambiguous.isEmpty {
        var list = JSONTree.array()
        for route in item.ambiguous {
          var rule = JSONTree.object()
          rule.set("selector", to: route.method.fullName)
          rule.set("method", to: route.httpMethod.description)
          rule.set("template", to: route.template.description)
          list.append(rule)
        }
        tree.set("x-google-ambiguous-rules", to: list)
      }
      paths.set(item.path.text, to: tree)
    }
    return paths
  }

  private func operation(_ route: OpenAPIRoute, _ path: OpenAPIPath) -> OpenAPIOperation {
    OpenAPIOperation(route: route, path: path, tags: tags)
  }
}

extension OpenAPIPaths.Item {
  fileprivate mutating func add(_ route: OpenAPIRoute, _ path: OpenAPIPath) {
    guard let slot = route.slot else {
      if custom.contains(where: { $0.kind == route.httpMethod.description }) {
        ambiguous.append(route)
      } else {
        custom.append((route.httpMethod.description, route, path))
      }
      return
    }
    if operations.contains(where: { $0.slot == slot }) {
      ambiguous.append(route)
    } else {
      operations.append((slot, route, path))
    }
  }
}

extension OpenAPIRoute {
  /// The member of a path item for the rule's method (OpenAPI 3.1.1 section 4.8.9.1), nil when there is none.
  fileprivate var slot: String? {
    switch httpMethod {
    case .get: "get"
    case .put: "put"
    case .post: "post"
    case .delete: "delete"
    case .patch: "patch"
    case .custom("HEAD"): "head"
    case .custom("OPTIONS"): "options"
    case .custom("TRACE"): "trace"
    case .custom: nil
    }
  }
}
