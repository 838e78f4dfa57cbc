/** A documented response that cannot be caused through the public API of a healthy, shared system. */
export interface BeyondReach {
  /** The excused responses, as `ApiContract.promises` names them. */
  readonly promise: RegExp;
  readonly why: string;
  /** The test that causes them instead. */
  readonly coveredBy: string;
}

/** What tests that start the system themselves may leave out: only what no single system can do. */
export const reachedNowhere: readonly BeyondReach[] = [
  {
    promise: /^POST \/api\/v1\/suppliers\/\S+ (202|404 unknown_request|422( invalid_webhook)?)$/,
    why: 'without AUTO_RESTOCK nothing is ordered, and no signature of a supplier is accepted',
    coveredBy: 'services/inventory/src/supplier.int.spec.ts',
  },
  {
    promise: /^POST \/api\/v1\/notifications\/\S+\/resend 409/,
    why: 'a mail is sent before anybody can ask for it again, and a system has a mail server or none',
    coveredBy: 'services/notification/src/storage/emails.int.spec.ts',
  },
  {
    promise: /^GET \/metrics (200|404|404 not_found)$/,
    why: 'only a caller on the same machine is shown metrics: every caller meets one of the two',
    coveredBy: 'services/gateway/src/http/health.controller.spec.ts',
  },
  {
    promise: / 403 faults_not_allowed$/,
    why: 'a system allows faults or it does not, and these tests need one that does',
    coveredBy: 'services/gateway/src/ops/faults.edge.spec.ts',
  },
  {
    promise: /^POST \/api\/v1\/auth\/(token|refresh) 403/,
    why: 'a user of the tests who were deactivated could not go on',
    coveredBy: 'services/customer/src/access.int.spec.ts',
  },
  {
    promise: /^\w+ \/api\/v1\/customers\/me(\/email|\/preferences|\/addresses)? 404( not_found)?$/,
    why: 'a caller has an account',
    coveredBy: 'services/customer/src/customer.service.int.spec.ts',
  },
  {
    promise: /^POST \/api\/v1\/inventory\/import 413$/,
    why: 'it takes a body of 128 MiB',
    coveredBy: 'libs/http/src/streamed-body.spec.ts',
  },
  {
    promise: /^GET \/api\/v1\/(analytics\/)?exports\/\{id\}\/file 409( not_finished)?$/,
    why: 'an export may be finished before anybody can ask for it',
    coveredBy: 'services/order/src/export/order-exports.int.spec.ts',
  },
  {
    promise:
      /^POST \/api\/v1\/channels\/\{name\}\/seek (202|409 not_supported)$| 409 group_in_use$/,
    why: 'each broker can do other things, and needs a pause for other things',
    coveredBy: 'libs/messaging/src/testing/conformance/operations.tests.ts',
  },
  {
    promise: /^POST \/api\/v1\/alerts\/\{id\}\/acknowledge (200|409( alert_resolved)?)$/,
    why: 'nothing is so wrong with a healthy system that there is an alert',
    coveredBy: 'services/notification/src/alerts.service.int.spec.ts',
  },
  {
    promise: / 422 stock_full$/,
    why: 'it takes a thousand restocks of a million units',
    coveredBy: 'services/inventory/src/domain/stock.spec.ts',
  },
];

/** What tests of any system may leave out; listed only here. */
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
