import type { Webhook } from './webhook.ts';

export type WebhookDeliveryStatus = 'pending' | 'delivered' | 'failed';

/** One try to deliver; either the endpoint answered with a status, or there is a reason why it did not. */
export interface Attempt {
  readonly at: string;
  readonly durationMs: number;
  readonly status: number | null;
  readonly failure: string | null;
  /** How many bytes of the answer were read. They are not kept. */
  readonly bytes: number;
}

/** An event for one webhook. */
export interface WebhookDelivery {
  /** Also the id that the receiver gets, on every try. */
  readonly id: string;
  readonly webhookId: string;
  /** The message that it tells of; null for a test. */
  readonly messageId: string | null;
  readonly type: string;
  /** The bytes that are signed. */
  readonly body: string;
  readonly status: WebhookDeliveryStatus;
  /** How many times it has failed since it was last asked for. */
  readonly failures: number;
  /** When it is tried next; of no meaning unless it is pending. */
  readonly dueAt: string;
  /** The latest ones. */
  readonly attempts: readonly Attempt[];
  readonly at: string;
}

/** An attempt, and when the receiver wants the next one. */
export interface Tried {
  readonly delivery: WebhookDelivery;
  readonly attempt: Attempt;
  /** Milliseconds. */
  readonly retryAfter: number;
}

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** Between the ten tries of a delivery, as Standard Webhooks recommends: three days and three and a half hours. */
const waits = [
  5 * second,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  24 * hour,
];
const longestWait = 24 * hour;
/** How long an endpoint is left alone at most while other deliveries wait for it. */
const longestPause = 5 * minute;
/** How many attempts of a delivery are kept. */
const keptAttempts = 30;

/** The headers of every request, besides those that sign it. */
export const webhookHeaders = {
  'content-type': 'application/json',
  'user-agent': 'Waybill-Webhooks/1',
};

export const isSuccess = ({ status }: Attempt): boolean =>
  status !== null && status >= 200 && status < 300;

/** A delivery after another attempt; `random` is 0 to 1, and only makes waits longer. */
export function afterAttempt(
  delivery: WebhookDelivery,
  { attempt, retryAfter }: Omit<Tried, 'delivery'>,
  context: { readonly now: Date; readonly random: number },
): WebhookDelivery {
  const attempts = [...delivery.attempts, attempt].slice(-keptAttempts);
  if (isSuccess(attempt)) return { ...delivery, attempts, status: 'delivered' };
  const failures = delivery.failures + 1;
  const wait = waits[failures - 1];
  if (wait === undefined) return { ...delivery, attempts, failures, status: 'failed' };
  const ms = Math.max(wait * (1 + 0.2 * context.random), Math.min(retryAfter, longestWait));
  return { ...delivery, attempts, failures, dueAt: later(context.now, ms) };
}

type Health = Pick<Webhook, 'failures' | 'failingSince' | 'pausedUntil' | 'disabledReason'>;

/**
 * An endpoint after some attempts. While it fails it is called seldom, with one delivery at a time; it is disabled if it is gone, or has
 * failed for `disableAfter` milliseconds.
 */
export function endpointAfter(
  endpoint: Health,
  tried: readonly Tried[],
  { now, disableAfter }: { readonly now: Date; readonly disableAfter: number },
): Health {
  const { disabledReason } = endpoint;
  if (tried.some(({ attempt }) => attempt.status === 410))
    return { ...endpoint, disabledReason: disabledReason ?? 'gone' };
  const retryAfter = Math.max(0, ...tried.map((each) => Math.min(each.retryAfter, longestWait)));
  if (tried.some(({ attempt }) => isSuccess(attempt))) {
    const pausedUntil = retryAfter > 0 ? later(now, retryAfter) : null;
    return { failures: 0, failingSince: null, pausedUntil, disabledReason };
  }
  const failures = endpoint.failures + 1;
  const failingSince = endpoint.failingSince ?? now.toISOString();
  const pause = Math.min(longestPause, 5 * second * 2 ** (failures - 1));
  const isHopeless = now.getTime() - Date.parse(failingSince) >= disableAfter;
  return {
    failures,
    failingSince,
    pausedUntil: later(now, Math.max(pause, retryAfter)),
    disabledReason: disabledReason ?? (isHopeless ? 'failing' : null),
  };
}

/** Milliseconds until the time that `Retry-After` names, as seconds or as a date; 0 if it names none. */
export function msOf(retryAfter: string | null, now: Date): number {
  if (retryAfter === null) return 0;
  const at = /^\d{1,9}$/.test(retryAfter)
    ? now.getTime() + Number(retryAfter) * second
    : Date.parse(retryAfter);
  return Number.isNaN(at) ? 0 : Math.max(0, at - now.getTime());
}

const later = (now: Date, ms: number): string =>
  new Date(now.getTime() + Math.round(ms)).toISOString();
