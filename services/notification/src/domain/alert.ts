import type { Severity } from './alert-rules.ts';

/** What is done about an alert: nothing yet, somebody looks at it, or it is over. */
export const alertStates = ['firing', 'acknowledged', 'resolved'] as const;
export type AlertState = (typeof alertStates)[number];

/** Something that an operator must know. There is one open alert for each check of a service. */
export interface Alert {
  readonly id: string;
  readonly rule: string;
  readonly severity: Severity;
  readonly service: string;
  readonly check: string;
  /** What the value is of, such as a group. */
  readonly about: string | null;
  readonly value: number | null;
  readonly threshold: number | null;
  readonly unit: string;
  readonly state: AlertState;
  readonly startedAt: string;
  readonly lastSeenAt: string;
  readonly acknowledgedAt: string | null;
  readonly acknowledgedBy: string | null;
  readonly resolvedAt: string | null;
  /** When it was last sent; null while it is silenced. */
  readonly notifiedAt: string | null;
}

/** Alerts that are not sent until its end: those of a rule, of a service, or both. */
export interface Silence {
  readonly id: string;
  readonly rule: string | null;
  readonly service: string | null;
  readonly comment: string;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly endsAt: string;
}

/** Whether a silence that has not ended covers an alert. */
export const isSilenced = (
  alert: Pick<Alert, 'rule' | 'service'>,
  silences: readonly Silence[],
  now: Date,
): boolean =>
  silences.some(
    ({ rule, service, endsAt }) =>
      Date.parse(endsAt) > now.getTime() &&
      (rule === null || rule === alert.rule) &&
      (service === null || service === alert.service),
  );
