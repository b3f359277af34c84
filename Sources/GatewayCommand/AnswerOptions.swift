import ArgumentParser
import Gateway
import HTTPFrontEnd

/// How answers are written, for those who move over from another gateway (docs/migrating.md).
struct AnswerOptions: ParsableArguments {
  @Flag(
    help: ArgumentHelp(
      "Wrap the messages of a stream as {\"result\":…}, one per line also for application/json (grpc-gateway)."))
  var streamEnvelope = false

  @Option(
    help: ArgumentHelp(
      "The form of a stream whose caller has no wish: ndjson, array (Envoy), events, json-seq.", valueName: "form"))
  var streamDefault = StreamDefaultArgument(form: .ndjson)

  @Flag(help: ArgumentHelp("Write errors as the bare google.rpc.Status {\"code\":5,…} (grpc-gateway, Envoy)."))
  var bareStatusErrors = false

  var style: AnswerStyle {
    var style = AnswerStyle()
    style.streamEnvelope = streamEnvelope
    style.streamDefault = streamDefault.form
    style.bareStatusErrors = bareStatusErrors
    return style
  }

  func validate() throws {
    if let conflict = style.conflict { throw ValidationError(conflict) }
  }
}

/// The forms of a stream as an option's value.
struct StreamDefaultArgument: ExpressibleByArgument {
  var form: AnswerStyle.StreamDefault

  init(form: AnswerStyle.StreamDefault) { self.form = form }

  init?(argument: String) {
    guard let form = AnswerStyle.StreamDefault(rawValue: argument) else { return nil }
    self.form = form
  }

  static var allValueStrings: [String] { AnswerStyle.StreamDefault.allCases.map(\.rawValue) }

  var defaultValueDescription: String { form.rawValue }
}
