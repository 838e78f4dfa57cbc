/** How urgent an alert is: `page` wants somebody now, `ticket` on the next working day. */
export type Severity = 'page' | 'ticket';

/** Which failing health checks are an alert. */
export interface AlertRule {
  readonly name: string;
  /** The names of the checks. */
  readonly checks: RegExp;
  /** From which status on; checks that only degrade are alerts when they do. */
  readonly from: 'degraded' | 'unhealthy';
  readonly severity: Severity;
  readonly summary: string;
}

/** Every rule; a check belongs to the first that names it. Each has a page in docs/runbooks. */
export const alertRules: readonly AlertRule[] = [
  {
    name: 'channel-depth',
    checks: /^depth$/,
    from: 'unhealthy',
    severity: 'ticket',
    summary: 'Too many messages wait for a group',
  },
  {
    name: 'channel-lag',
    checks: /^lag$/,
    from: 'unhealthy',
    severity: 'page',
    summary: 'A message has waited too long for its group',
  },
  {
    name: 'error-rate',
    checks: /^error-rate$/,
    from: 'unhealthy',
    severity: 'page',
    summary: 'Too many messages of a group fail',
  },
  {
    name: 'slow-messages',
    checks: /^processing-time$/,
    from: 'degraded',
    severity: 'ticket',
    summary: 'Messages of a group take too long',
  },
  {
    name: 'dead-letters',
    checks: /^dead-letters$/,
    from: 'unhealthy',
    severity: 'ticket',
    summary: 'Too many dead letters',
  },
  {
    name: 'stuck-saga',
    checks: /^stuck-sagas$/,
    from: 'unhealthy',
    severity: 'page',
    summary: 'A saga is stuck',
  },
  {
    name: 'outbox-age',
    checks: /^outbox-age$/,
    from: 'unhealthy',
    severity: 'page',
    summary: 'Committed messages are not published',
  },
  {
    name: 'open-breaker',
    checks: /^breaker-/,
    from: 'degraded',
    severity: 'ticket',
    summary: 'An external system is not called, because it fails',
  },
  {
    name: 'broken-invariant',
    checks: /^invariants$/,
    from: 'unhealthy',
    severity: 'page',
    summary: 'Data contradict each other',
  },
  {
    name: 'slow-orders',
    checks: /^slo-orders-/,
    from: 'degraded',
    severity: 'page',
    summary: 'Orders are confirmed too late: the error budget is used up too fast',
  },
  {
    name: 'unanswered-orders',
    checks: /^slo-accepts-/,
    from: 'degraded',
    severity: 'page',
    summary: 'Orders are not accepted: the error budget is used up too fast',
  },
  {
    name: 'synthetic-order',
    checks: /^synthetic-order$/,
    from: 'degraded',
    severity: 'page',
    summary: 'Synthetic orders fail, so customers may not be able to buy',
  },
  {
    name: 'service-away',
    checks: /^reachable$/,
    from: 'degraded',
    severity: 'page',
    summary: 'A process of a service does not answer',
  },
  {
    name: 'unhealthy-check',
    checks: /^/,
    from: 'unhealthy',
    severity: 'ticket',
    summary: 'A health check is over its limit',
  },
];

/** The rule of an alert that this service raises itself. */
export const silentGateway: AlertRule = {
  name: 'no-observations',
  checks: /^observations$/,
  from: 'unhealthy',
  severity: 'page',
  summary: 'No gateway reports the health of the system',
};

/** The names of all rules. */
export const ruleNames = [...alertRules, silentGateway].map(({ name }) => name);

/** The page that tells what to do, in the repository. */
export const runbookOf = (rule: string): string => `docs/runbooks/${rule}.md`;

/** Where it is read: in the repository at `repository`, else at the gateway, as a path. */
export const runbookAt = (rule: string, repository: string | null): string =>
  repository === null ? `/docs/runbooks/${rule}` : `${repository}${runbookOf(rule)}`;
