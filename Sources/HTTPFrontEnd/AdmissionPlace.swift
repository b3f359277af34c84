/// The place of one call among those in flight, given back once: when its owner says so, or lets go of it.
final class AdmissionPlace {
  private var line: AdmissionLine?

  init(in line: AdmissionLine) { self.line = line }

  deinit { giveBack() }

  func giveBack() {
    let line = line
    self.line = nil
    line?.callEnded()
  }
}
