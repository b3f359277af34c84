import GRPCWire
import NIOCore
import NIOHPACK
import Testing

@testable import GRPCUpstream

@Suite struct RetryStateMachineTests {
  private static let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

  private static func policy(_ attempts: Int) -> RetryPolicy {
    RetryPolicy(
      maximumAttempts: attempts, initialBackoff: .milliseconds(100), maximumBackoff: .milliseconds(350),
      backoffMultiplier: 2, retryableCodes: [.unavailable, .aborted])
  }

  /// Fails every attempt at once and tells the delays, in milliseconds, until it is over.
  private static func delays(
    _ machine: inout RetryStateMachine, _ pushbacks: [RetryPushback] = [], random: Double = 0.5
  ) -> [Int64] {
    var throttle: RetryThrottle?
    var delays: [Int64] = []
    while true {
      let pushback = delays.count < pushbacks.count ? pushbacks[delays.count] : .none
      guard
        case .retry(let delay) = machine.attemptFailed(
          .unavailable, pushback, throttle: &throttle, at: start, random: random)
      else { return delays }
      delays.append(delay.nanoseconds / 1_000_000)
      machine.attemptBegun()
    }
  }

  @Test(
    arguments: [(2, [100]), (3, [100, 200]), (5, [100, 200, 350, 350]), (6, [100, 200, 350, 350])] as [(Int, [Int64])])
  func delaysGrowToTheMaximumAndAttemptsEnd(attempts: Int, delays: [Int64]) {
    var machine = RetryStateMachine(Self.policy(attempts), deadline: nil)
    #expect(Self.delays(&machine) == delays)
  }

  @Test(arguments: [(0.0, 80), (0.5, 100), (1.0, 120)] as [(Double, Int64)])
  func delaysDifferByAFifth(random: Double, delay: Int64) {
    var machine = RetryStateMachine(Self.policy(2), deadline: nil)
    #expect(Self.delays(&machine, random: random) == [delay])
  }

  @Test func theServersWishBeginsTheDelaysAnew() {
    var machine = RetryStateMachine(Self.policy(5), deadline: nil)
    #expect(Self.delays(&machine, [.none, .after(.milliseconds(7)), .none]) == [100, 7, 100, 200])
  }

  @Test func theServersNoIsTheEnd() {
    var machine = RetryStateMachine(Self.policy(5), deadline: nil)
    #expect(Self.delays(&machine, [.none, .never]) == [100])
  }

  @Test(arguments: GRPCCode.allCases)
  func onlyTheCodesOfThePolicyAreRetried(code: GRPCCode) {
    var machine = RetryStateMachine(Self.policy(2), deadline: nil)
    var throttle: RetryThrottle?
    let action = machine.attemptFailed(code, .none, throttle: &throttle, at: Self.start, random: 0.5)
    #expect((action != .end) == (code == .unavailable || code == .aborted))
  }

  @Test(arguments: [(100, false), (101, true)] as [(Int64, Bool)])
  func aRetryPastTheDeadlineIsNotMade(left: Int64, isMade: Bool) {
    var machine = RetryStateMachine(Self.policy(5), deadline: Self.start + .milliseconds(left))
    var throttle: RetryThrottle?
    let action = machine.attemptFailed(.unavailable, .none, throttle: &throttle, at: Self.start, random: 0.5)
    #expect((action != .end) == isMade)
  }

  @Test func attemptsAndTimeLeftAreTold() {
    var machine = RetryStateMachine(Self.policy(5), deadline: Self.start + .seconds(2))
    var throttle: RetryThrottle?
    #expect(machine.previousAttempts == 0)
    _ = machine.attemptFailed(.unavailable, .none, throttle: &throttle, at: Self.start, random: 0.5)
    machine.attemptBegun()
    #expect(machine.previousAttempts == 1)
    #expect(machine.timeLeft(at: Self.start + .milliseconds(500)) == .milliseconds(1500))
    #expect(machine.timeLeft(at: Self.start + .seconds(3)) == .zero)
  }
}

@Suite struct RetryThrottleTests {
  /// There are no retries while at most half the tokens are left.
  @Test(arguments: [(10, 4, true), (10, 5, false), (3, 1, true), (3, 2, false), (1, 0, true), (1, 1, false)])
  func failuresTakeTokens(tokens: Int, failures: Int, allows: Bool) {
    var throttle = RetryThrottle(.init(maximumTokens: tokens, tokenRatioThousandths: 100))
    for _ in 0..<failures { throttle.failed() }
    #expect(throttle.allowsRetry == allows)
  }

  @Test(arguments: [(0, false), (1, true)])
  func successesGiveThemBack(successes: Int, allows: Bool) {
    var throttle = RetryThrottle(.init(maximumTokens: 10, tokenRatioThousandths: 100))
    for _ in 0..<5 { throttle.failed() }
    for _ in 0..<successes { throttle.succeeded() }
    #expect(throttle.allowsRetry == allows)
  }

  @Test func thereAreNeverMoreThanAllNorLessThanNone() {
    var throttle = RetryThrottle(.init(maximumTokens: 4, tokenRatioThousandths: 1000))
    for _ in 0..<100 { throttle.succeeded() }
    for _ in 0..<2 { throttle.failed() }
    #expect(!throttle.allowsRetry)
    for _ in 0..<100 { throttle.failed() }
    for _ in 0..<3 { throttle.succeeded() }
    #expect(throttle.allowsRetry)
  }

  @Test func aThrottledFailureIsToldApart() {
    let policy = RetryPolicy(
      maximumAttempts: 5, initialBackoff: .seconds(1), maximumBackoff: .seconds(1), backoffMultiplier: 1,
      retryableCodes: [.unavailable])
    var throttle: RetryThrottle? = RetryThrottle(.init(maximumTokens: 2, tokenRatioThousandths: 1))
    var machine = RetryStateMachine(policy, deadline: nil)
    let action = machine.attemptFailed(
      .unavailable, .none, throttle: &throttle, at: .uptimeNanoseconds(0), random: 0.5)
    #expect(action == .endThrottled)
  }

  @Test func theServersNoTakesATokenWhateverTheCode() {
    let policy = RetryPolicy(
      maximumAttempts: 5, initialBackoff: .seconds(1), maximumBackoff: .seconds(1), backoffMultiplier: 1,
      retryableCodes: [.unavailable])
    var throttle: RetryThrottle? = RetryThrottle(.init(maximumTokens: 2, tokenRatioThousandths: 1))
    var machine = RetryStateMachine(policy, deadline: nil)
    #expect(
      machine.attemptFailed(.notFound, .never, throttle: &throttle, at: .uptimeNanoseconds(0), random: 0.5) == .end)
    #expect(throttle?.allowsRetry == false)
  }
}

@Suite struct RetryPushbackTests {
  @Test(
    arguments: [
      ([], .none), (["0"], .after(.zero)), (["1500"], .after(.milliseconds(1500))), (["-1"], .never), ([""], .never),
      (["soon"], .never), (["1.5"], .never), (["1", "2"], .never), (["3600001"], .after(.hours(1))),
      (["9223372036854775807"], .after(.hours(1))), (["9223372036854775808"], .never),
    ] as [([String], RetryPushback)])
  func pushback(values: [String], expected: RetryPushback) {
    #expect(RetryPushback(HPACKHeaders(values.map { ("grpc-retry-pushback-ms", $0) })) == expected)
  }
}

@Suite struct HealthStateMachineTests {
  private func machine() -> HealthStateMachine { HealthStateMachine(.init()) }

  @Test(
    arguments: [
      ([0x08, 0x01], .serving), ([0x08, 0x02], .notServing), ([0x08, 0x00], .notServing), ([], .notServing),
      // SERVICE_UNKNOWN, and what no version knows.
      ([0x08, 0x03], .notServing), ([0x08, 0x7F], .notServing),
      // The last one counts; other fields do not.
      ([0x08, 0x02, 0x08, 0x01], .serving), ([0x12, 0x01, 0x41, 0x08, 0x01], .serving),
      ([0x08], .notServing), ([0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], .notServing),
    ] as [([UInt8], HealthStateMachine.Health)])
  func response(bytes: [UInt8], health: HealthStateMachine.Health) {
    var machine = machine()
    #expect(machine.health == .unknown)
    machine.responseReceived(bytes[...])
    #expect(machine.health == health)
  }

  @Test func aServerWithoutTheServiceIsHealthy() {
    var machine = machine()
    #expect(machine.ended(.unimplemented, random: 0.5) == nil)
    #expect(machine.health == .serving)
  }

  @Test func aStreamThatEndsIsNotServingUntilItSaysSoAgain() {
    var machine = machine()
    machine.responseReceived([0x08, 0x01])
    #expect(machine.ended(.unavailable, random: 0.5) == .seconds(1))
    #expect(machine.health == .notServing)
    machine.askedAgain()
    #expect(machine.health == .notServing)
    #expect(machine.ended(.ok, random: 0.5) == .milliseconds(1600))
    machine.askedAgain()
    machine.responseReceived([0x08, 0x01])
    #expect(machine.health == .serving)
    // An answer begins the delays anew.
    #expect(machine.ended(.unavailable, random: 0.5) == .seconds(1))
  }
}
