import { type Alert, isSilenced, type Silence } from './alert.ts';
import { type AlertRule, alertRules, silentGateway } from './alert-rules.ts';
import { type BadCheck, isCertain, type Observation } from './observation.ts';

/** What is known when alerts are decided. */
export interface Situation {
  readonly observations: readonly Observation[];
  /** The alerts that are not resolved. */
  readonly open: readonly Alert[];
  readonly silences: readonly Silence[];
  readonly now: Date;
  /** Since when this process decides: gateways that reported before it may not have come to report again. */
  readonly since: Date;
  /** Milliseconds after which an alert that nobody has acknowledged is sent again. */
  readonly repeatAfter: number;
  readonly newId: () => string;
}

/** What happens to alerts: rows to write, and what is sent of them. */
export interface AlertDecision {
  readonly write: readonly Alert[];
  readonly send: readonly { readonly alert: Alert; readonly event: 'firing' | 'resolved' }[];
}

/** Older observations say nothing of the present. */
const freshFor = 60_000;

type Finding = Pick<
  Alert,
  'rule' | 'severity' | 'service' | 'check' | 'about' | 'value' | 'threshold' | 'unit'
>;

/** Raises an alert for each finding that has none, resolves those without a finding, and sends what is not silenced. */
export function decideAlerts(situation: Situation): AlertDecision {
  const { now } = situation;
  const at = now.toISOString();
  const findings = findingsOf(situation);
  const known = new Map(situation.open.map((alert) => [nameOf(alert), alert]));
  const firing = [...findings.entries()].map(([name, finding]) =>
    seen(known.get(name) ?? raised(finding, at, situation.newId()), finding, at),
  );
  const gone = situation.open.filter(
    (alert) => !findings.has(nameOf(alert)) && isKnown(alert, situation),
  );
  const due = firing.filter((alert) => isDue(alert, situation));
  const sent = new Set(due.map(({ id }) => id));
  const resolved = gone.map((alert): Alert => ({ ...alert, state: 'resolved', resolvedAt: at }));
  return {
    write: [
      ...firing.map((alert) => (sent.has(alert.id) ? { ...alert, notifiedAt: at } : alert)),
      ...resolved,
    ],
    send: [
      ...due.map((alert) => ({ alert, event: 'firing' as const })),
      // Nobody is told of the end of what they were not told of.
      ...resolved
        .filter((alert) => alert.notifiedAt !== null && !isSilenced(alert, situation.silences, now))
        .map((alert) => ({ alert, event: 'resolved' as const })),
    ],
  };
}

/** What makes two findings the same alert. */
const nameOf = ({ rule, service, check }: Pick<Alert, 'rule' | 'service' | 'check'>): string =>
  `${rule} ${service} ${check}`;

const fresh = ({ observations, now }: Situation): readonly Observation[] =>
  observations.filter(({ at }) => now.getTime() - Date.parse(at) < freshFor);

/** No gateway has reported for as long as an observation is fresh; after a restart of the whole system that is not so at once. */
const isSilent = (situation: Situation): boolean =>
  situation.observations.length > 0 &&
  fresh(situation).length === 0 &&
  situation.now.getTime() - situation.since.getTime() >= freshFor;

/** Of several replicas or gateways that see the same, the worst value is shown. */
function findingsOf(situation: Situation): ReadonlyMap<string, Finding> {
  const processes = fresh(situation).flatMap((each) => each.processes);
  const all = [
    ...processes.flatMap(({ service, bad }) => bad.flatMap((check) => findingsIn(service, check))),
    ...(isSilent(situation) ? [nothingSeen(situation)] : []),
  ];
  const ascending = all.sort((a, b) => (a.value ?? 0) - (b.value ?? 0));
  return new Map(ascending.map((finding) => [nameOf(finding), finding]));
}

function findingsIn(service: string, check: BadCheck): readonly Finding[] {
  const rule = alertRules.find(({ checks }) => checks.test(check.name));
  return rule && isBad(rule, check) && isCertain(check) ? [findingOf(rule, service, check)] : [];
}

const isBad = ({ from }: AlertRule, { status }: BadCheck): boolean =>
  status === 'unhealthy' || status === from;

const findingOf = (
  { name, severity }: AlertRule,
  service: string,
  { name: check, about, value, threshold, unit }: BadCheck,
): Finding => ({
  rule: name,
  severity,
  service,
  check,
  about: about ?? null,
  value,
  threshold: threshold.unhealthy ?? threshold.degraded,
  unit,
});

function nothingSeen({ observations, now }: Situation): Finding {
  const last = Math.max(...observations.map(({ at }) => Date.parse(at)));
  return {
    rule: silentGateway.name,
    severity: silentGateway.severity,
    service: 'gateway',
    check: 'observations',
    about: null,
    value: Math.round((now.getTime() - last) / 1_000),
    threshold: freshFor / 1_000,
    unit: 's since the last one',
  };
}

const raised = (finding: Finding, at: string, id: string): Alert => ({
  ...finding,
  id,
  state: 'firing',
  startedAt: at,
  lastSeenAt: at,
  acknowledgedAt: null,
  acknowledgedBy: null,
  resolvedAt: null,
  notifiedAt: null,
});

const seen = (alert: Alert, { about, value, threshold }: Finding, at: string): Alert => ({
  ...alert,
  about,
  value,
  threshold,
  lastSeenAt: at,
});

/** While a service or a check does not answer, and while no gateway reports, its alerts stay as they are. */
function isKnown(alert: Alert, situation: Situation): boolean {
  const seen = fresh(situation);
  if (alert.rule === silentGateway.name) return seen.length > 0;
  const processes = seen
    .flatMap((each) => each.processes)
    .filter(({ service }) => service === alert.service);
  return (
    processes.some(({ answered }) => answered || alert.check === 'reachable') &&
    processes.every(({ bad }) => bad.filter(({ name }) => name === alert.check).every(isCertain))
  );
}

function isDue(alert: Alert, { silences, now, repeatAfter }: Situation): boolean {
  if (alert.state !== 'firing' || isSilenced(alert, silences, now)) return false;
  return alert.notifiedAt === null || now.getTime() - Date.parse(alert.notifiedAt) >= repeatAfter;
}
