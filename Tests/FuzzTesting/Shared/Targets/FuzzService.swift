import ProtobufSchema
import Transcoding

/// Routes to the methods of `FuzzSchema`'s service, with every kind of variable and body.
enum FuzzService {
  static let bindings: BindingSet = {
    do {
      let rules = try ServiceConfiguration(yaml: rules, file: "fuzz.yaml")
      return try BindingSet(schema: FuzzSchema.schema, configurations: [rules])
    } catch {
      fatalError("\(error)")
    }
  }()

  private static let rules = """
    http:
      rules:
      - selector: fuzz.Fuzz.Single
        get: /v1/{a_string}/of/{kind}
        additional_bindings:
        - { post: /v1/every, body: "*" }
        - { patch: "/v1/children/{child.a_int32}", body: child }
        - { put: "/v1/numbers/{a_uint64}", body: numbers }
        - { get: "/v1/files/{a_bytes=**}" }
        - { get: "/v1/{child.a_string=shelves/*/books/*}:read", response_body: child }
        - { custom: { kind: "*", path: /v1/any } }
      - selector: fuzz.Fuzz.List
        get: /v1/every:list
      - selector: fuzz.Fuzz.Add
        post: /v1/every:add
        body: "*"
        additional_bindings:
        - { post: "/v1/{a_string}:add", body: child }
      - selector: fuzz.Fuzz.Talk
        post: /v1/every:talk
        body: "*"
      - selector: fuzz.Fuzz.Copy
        post: /v1/copy
        body: "*"
    """
}
