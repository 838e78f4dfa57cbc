/** Something documented that nobody can bring about over the public API of a healthy system that others use too. */
export interface BeyondReach {
  /** What is excused, as `ApiContract.promises` names it. */
  readonly promise: RegExp;
  readonly why: string;
  /** Where it is brought about instead. */
  readonly coveredBy: string;
}

/** What tests that start the system themselves may leave out: only what one system cannot do by turns. */
export const reachedNowhere: readonly BeyondReach[] = [
  {
    promise: /^GET \/metrics (200|404|404 not_found)$/,
    why: 'only a caller on the same machine is shown metrics: every caller meets one of the two',
    coveredBy: 'services/gateway/src/http/health.controller.spec.ts',
  },
  {
    promise: / 422 stock_full$/,
    why: 'it takes a thousand restocks of a million units',
    coveredBy: 'services/inventory/src/domain/stock.spec.ts',
  },
];

/** The one place that says what tests of any system may leave out. */
export const beyondReach: readonly BeyondReach[] = [
  ...reachedNowhere,
  {
    promise: / 429$/,
    why: 'nobody floods a system that others use, to meet its rate limit',
    coveredBy: 'e2e/inside/edges.tests.ts',
  },
  {
    promise: / 50[34]( no_answer_in_time)?$/,
    why: 'nothing that the system needs is away or hangs',
    coveredBy: 'e2e/inside/edges.tests.ts, services/gateway/src/remote/forward.spec.ts',
  },
  {
    promise:
      /^\w+ \/api\/v1\/dead-letters\/\{id\}(\/redrive|\/original|\/audit)? (2\d\d|409|409 not_redrivable|422|422 invalid_message)$/,
    why: 'nothing that the API takes becomes a dead letter',
    coveredBy: 'e2e/inside/dead-letters.tests.ts',
  },
  {
    promise: / 409 past_point_of_no_return$/,
    why: 'a capture is over in milliseconds',
    coveredBy: 'e2e/inside/outside-world.tests.ts',
  },
];
