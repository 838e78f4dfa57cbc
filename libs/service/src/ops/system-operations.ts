import { givenInstant, text } from '@waybill/contracts';
import {
  type AuditEntry,
  type DeadLetter,
  type DeadLetterFilter,
  type DeadLetterSummary,
  NoSuchDeadLetter,
} from '@waybill/dead-letter';
import { type Page, PagedList, Problem } from '@waybill/http';
import { z } from 'zod';
import type { RedriveRequest } from '../redrives/redrive-access.ts';
import { SystemRedrives } from '../redrives/system-redrives.ts';
import { causalOrder } from './causal-order.ts';
import type { ChannelReport } from './channels.ts';
import type { ExportRequest } from './exports.ts';
import { type Job, unknownJob } from './jobs.ts';
import type { JourneyRow } from './journey.ts';
import { merge } from './merge.ts';
import { type MetricsSummary, summaryOf } from './metrics-summary.ts';
import type { Operations } from './operations.ts';
import type { PartPage, PartQuery } from './personal-parts.ts';
import { type ProjectionReport, unknownProjection } from './projections.ts';

/** A merged result, and the services that did not reply in time. */
export interface Merged<T> {
  readonly items: readonly T[];
  readonly missing: readonly string[];
}

const newestLetters = new PagedList(
  'dead-letters',
  z.strictObject({ at: givenInstant, id: text(1, 200) }),
);
const auditOfLetter = new PagedList('dead-letter-audit', z.int().min(1));
/** Milliseconds: ten thousand letters take seconds, and a caller that gives up does not stop them. */
const _patienceForMany = 25_000;

/** The operations of all services as one: lists are merged, and a call for one service goes to that service. */
export class SystemOperations {
  private readonly redrives: SystemRedrives;

  constructor(private readonly services: readonly Operations[]) {
    this.redrives = new SystemRedrives(services);
  }

  /** Every subscription of the system. */
  async channels(): Promise<Merged<ChannelReport>> {
    return this.merge((service) => service.channels());
  }

  /** The counts of the whole system, per channel and in total. */
  async metricsSummary(now: Date): Promise<MetricsSummary> {
    const { items, missing } = await this.merge((service) => service.metrics());
    return summaryOf(items, missing, now);
  }

  /** Every message of a key, in causal order. */
  async journey(key: string): Promise<Merged<JourneyRow>> {
    const { items, missing } = await this.merge((service) => service.journey(key));
    return { items: causalOrder(items), missing };
  }

  /** Newest first, over all services; a page begins after the last letter of the previous page. */
  async deadLetters(
    filter: DeadLetterFilter,
    limit: number,
    cursor?: string,
  ): Promise<Page<DeadLetterSummary> & { readonly missing: readonly string[] }> {
    const { after, take, page } = newestLetters.read({ limit, cursor }, { ...filter });
    const { items, missing } = await this.merge((service) =>
      service.deadLetters.list(filter, take, after && placeAt(service.service, after)),
    );
    const ordered = [...items].sort(newestFirst);
    return { ...page(ordered, ({ at, id }) => ({ at, id })), missing };
  }

  deadLetter(id: string): Promise<DeadLetter> {
    return this.ownerOf(id).deadLetters.read(id);
  }

  /** The original bytes of the message; the reader and the reason are audited. */
  async original(
    id: string,
    how: { readonly by: string; readonly reason: string },
  ): Promise<Buffer> {
    const { base64 } = await this.ownerOf(id).deadLetters.original(id, how);
    return Buffer.from(base64, 'base64');
  }

  /** What was done with the dead letter, oldest first; the letter may no longer exist. */
  async deadLetterAudit(
    id: string,
    limit: number,
    cursor?: string,
  ): Promise<Page<Omit<AuditEntry, 'seq'>>> {
    const { after, take, page } = auditOfLetter.read({ limit, cursor }, { id });
    const found = await this.ownerOf(id).deadLetters.audit(id, take, after);
    const { items, nextCursor } = page(found, ({ seq }) => seq);
    return { items: items.map(({ seq: _, ...entry }) => entry), nextCursor };
  }

  redrive(id: string, how: { readonly by: string; readonly data?: unknown }): Promise<void> {
    return this.ownerOf(id).deadLetters.redrive(id, how);
  }

  /** Redrives all matching dead letters of all services, at a limited rate. */
  redriveMany(request: RedriveRequest): Promise<Job> {
    return this.redrives.begin(request);
  }

  /** The jobs of `redriveMany` that were begun last, the newest first. */
  latestRedrives(): Promise<Merged<Job>> {
    return this.redrives.latest();
  }

  discard(id: string, by: string): Promise<void> {
    return this.ownerOf(id).deadLetters.discard(id, by);
  }

  /** A page of a part of somebody's personal data; rejects if the service that has it does not answer. */
  async personalData(service: string, part: string, query: PartQuery): Promise<PartPage> {
    return this.serviceOf(service).personalData.read(part, query);
  }

  /** Begins an export of a service. */
  export(service: string, request: ExportRequest, by: string): Promise<Job> {
    return this.serviceOf(service).exports.begin(request, by);
  }

  /** The projections of every service. */
  async projections(): Promise<Merged<ProjectionReport>> {
    return this.merge((service) => service.projections.list());
  }

  /** Begins the rebuild of a projection; it rejects while the service that may have it does not answer. */
  async rebuild(name: string, by: string): Promise<Job> {
    const { items, missing } = await this.projections();
    const found = items.find((each) => each.name === name);
    const owner = found && this.services.find(({ service }) => service === found.service);
    if (owner) return owner.projections.rebuild(name, by);
    if (missing.length === 0) throw unknownProjection(name);
    throw new Problem(503, 'unavailable', `${missing.join(', ')} did not answer; try again`, {
      headers: { 'retry-after': '2' },
    });
  }

  /** A job of any service. */
  job(id: string): Promise<Job> {
    if (this.redrives.has(id)) return this.redrives.read(id);
    return this.ownerOf(id, unknownJob).jobs.read(id);
  }

  private serviceOf(name: string): Operations {
    const found = this.services.find(({ service }) => service === name);
    if (!found) throw new Problem(503, 'unavailable', `${name} is not there`);
    return found;
  }

  private ownerOf(
    id: string,
    unknown: (id: string) => Error = (letter) => new NoSuchDeadLetter(letter),
  ): Operations {
    const name = id.slice(0, Math.max(0, id.lastIndexOf('.')));
    const owner = this.services.find(({ service }) => service === name);
    if (!owner) throw unknown(id);
    return owner;
  }

  private async merge<T>(
    call: (service: Operations) => Promise<readonly T[]>,
    within?: number,
  ): Promise<Merged<T>> {
    const { items, missing } = await merge(this.services, call, within);
    return { items, missing };
  }
}

interface Placed {
  readonly at: string;
  readonly id: string;
}

const newestFirst = (a: Placed, b: Placed): number =>
  a.at === b.at ? (a.id < b.id ? 1 : a.id > b.id ? -1 : 0) : a.at < b.at ? 1 : -1;

/**
 * Where a service continues. Letters of the same time are ordered by service name, greatest first: of that time,
 * a service has returned either all of its letters or none.
 */
function placeAt(service: string, after: Placed): Placed {
  const prefix = `${service}.`;
  if (after.id.startsWith(prefix)) return after;
  return { at: after.at, id: prefix + (prefix > after.id ? lowest : highest) };
}

const lowest = '00000000-0000-0000-0000-000000000000';
const highest = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
