import type { DeadLetterFilter, Place } from '@waybill/dead-letter';
import type { ServiceTokens } from '@waybill/http';
import { Problem, type ProblemBody } from '@waybill/http';
import type { AuditAccess } from '../audit/audit-access.ts';
import type { FaultAccess, FaultReport } from '../faults/fault-access.ts';
import type { ChannelReport } from './channels.ts';
import type { JobAccess } from './jobs.ts';
import type { JourneyRow } from './journey.ts';
import type { DeadLetterAccess, Operations } from './operations.ts';
import type { PersonalDataAccess } from './personal-parts.ts';
import type { ProjectionAccess } from './projections.ts';
import type { ServiceMetrics } from './service-metrics.ts';

type Values = Readonly<Record<string, string | number | undefined>>;

const patience = 3_000;
/** Milliseconds, for calls that may take longer: ten thousand letters, or a body of many megabytes. */
const patienceForMany = 25_000;

/** The operations of a service in another process, over its internal routes. Its problems are thrown as problems. */
export class RemoteOperations implements Operations {
  readonly deadLetters: DeadLetterAccess;
  readonly faults: FaultAccess;
  readonly audit: AuditAccess;
  readonly projections: ProjectionAccess;
  readonly jobs: JobAccess;
  readonly personalData: PersonalDataAccess;

  constructor(
    readonly service: string,
    private readonly url: string,
    private readonly tokens: ServiceTokens,
  ) {
    const path = (id: string) => `dead-letters/${encodeURIComponent(id)}`;
    this.deadLetters = {
      list: (filter: DeadLetterFilter, limit: number, after?: Place) =>
        this.call('GET', 'dead-letters', { query: { ...filter, limit, ...after } }),
      read: (id) => this.call('GET', path(id), {}),
      original: (id, how) =>
        this.call('POST', `${path(id)}/original`, { body: how, within: patienceForMany }),
      audit: (id, limit, after) =>
        this.call('GET', `${path(id)}/audit`, { query: { limit, after } }),
      redrive: (id, how) => this.call('POST', `${path(id)}/redrive`, { body: how }),
      redriveMany: async (filter, by) => {
        const body = { filter, by };
        const answer = await this.call<{ redriven: number }>('POST', 'dead-letters/redrive', {
          body,
          within: patienceForMany,
        });
        return answer.redriven;
      },
      discard: (id, by) => this.call('DELETE', path(id), { query: { by } }),
    };
    this.faults = {
      list: () => this.call<readonly FaultReport[]>('GET', 'faults', {}),
      set: (name, fault, by) =>
        this.call('PUT', `faults/${encodeURIComponent(name)}`, { body: { ...fault, by } }),
      clear: (by) => this.call('DELETE', 'faults', { query: { by } }),
    };
    this.audit = {
      began: (action) => this.call('POST', 'audit', { body: action }),
      ended: (id, end) => this.call('PUT', `audit/${id}`, { body: end }),
      list: (filter, limit, before) =>
        this.call('GET', 'audit', { query: { ...filter, limit, before } }),
    };
    this.projections = {
      list: () => this.call('GET', 'projections', {}),
      rebuild: (name, by) =>
        this.call('POST', `projections/${encodeURIComponent(name)}/rebuild`, { body: { by } }),
    };
    this.jobs = { read: (id) => this.call('GET', `jobs/${encodeURIComponent(id)}`, {}) };
    this.personalData = {
      read: (part, query) => this.call('POST', `personal-data/${part}`, { body: query }),
    };
  }

  channels(): Promise<readonly ChannelReport[]> {
    return this.call('GET', 'channels', {});
  }

  metrics(): Promise<readonly ServiceMetrics[]> {
    return this.call('GET', 'metrics', {});
  }

  journey(key: string): Promise<readonly JourneyRow[]> {
    return this.call('GET', 'journey', { query: { key } });
  }

  private async call<T>(
    method: string,
    path: string,
    {
      query = {},
      body,
      within = patience,
    }: { readonly query?: Values; readonly body?: unknown; readonly within?: number },
  ): Promise<T> {
    const url = new URL(`/internal/${path}`, this.url);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const headers: Record<string, string> = {
      authorization: `Bearer ${await this.tokens.issue()}`,
    };
    if (body !== undefined) headers['content-type'] = 'application/json';
    const response = await fetch(url, {
      method,
      headers,
      signal: AbortSignal.timeout(within),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer: unknown = text === '' ? undefined : JSON.parse(text);
    if (!response.ok) throw problemFrom(response, answer);
    return answer as T;
  }
}

function problemFrom({ status, headers }: Response, answer: unknown): Problem {
  const told = (answer ?? {}) as Partial<ProblemBody>;
  const { code = 'unavailable', detail = 'no answer', errors } = told;
  const retryAfter = headers.get('retry-after');
  return new Problem(status, code, detail, {
    ...(errors ? { errors } : {}),
    ...(retryAfter === null ? {} : { headers: { 'retry-after': retryAfter } }),
  });
}
