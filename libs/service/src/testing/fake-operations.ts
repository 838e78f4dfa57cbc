import { type AuditEntry, type DeadLetterSummary, NoSuchDeadLetter } from '@waybill/dead-letter';
import type { ChannelReport } from '../ops/channels.ts';
import { Exports } from '../ops/exports.ts';
import { type Job, Jobs } from '../ops/jobs.ts';
import type { JourneyRow } from '../ops/journey.ts';
import type { DeadLetterAccess, Operations } from '../ops/operations.ts';
import { PersonalParts } from '../ops/personal-parts.ts';
import { Projections } from '../ops/projections.ts';
import type { ServiceMetrics } from '../ops/service-metrics.ts';
import type { RedriveAccess, RedriveRequest } from '../redrives/redrive-access.ts';
import { FakeAudit } from './fake-audit.ts';
import { FakeChannels } from './fake-channels.ts';
import { FakeFaults } from './fake-faults.ts';
import { FakeMessages } from './fake-messages.ts';

/** A row of a journey, with defaults for the fields that a test does not set. */
export const journeyRow = (
  service: string,
  messageId: string,
  causationId: string | null,
  at: string,
): JourneyRow => ({
  service,
  group: service,
  messageId,
  causationId,
  correlationId: 'request',
  name: `${service}.message`,
  from: 'order',
  to: service,
  broker: 'embedded',
  channel: `${service}.commands`,
  attempt: 0,
  outcome: 'applied',
  at,
  durationMs: 1,
});

/** Operations over lists in memory; `done` records the calls. */
export class FakeOperations implements Operations {
  readonly done: string[] = [];
  readonly deadLetters: DeadLetterAccess;
  readonly redrives: RedriveAccess;
  readonly begun: (RedriveRequest & { readonly id: string })[] = [];
  control: FakeChannels;
  messages: FakeMessages;
  readonly faults: FakeFaults;
  readonly audit: FakeAudit;
  readonly projections: Projections;
  readonly jobs: Jobs;
  readonly exports = new Exports();
  readonly personalData = new PersonalParts();
  letters: DeadLetterSummary[] = [];
  rows: JourneyRow[] = [];
  processes: ServiceMetrics[] = [];
  entries: AuditEntry[] = [];
  away = false;

  constructor(readonly service: string) {
    this.control = new FakeChannels(service);
    this.messages = new FakeMessages(service);
    this.redrives = {
      count: async () => {
        this.answer();
        return this.letters.length;
      },
      begin: async (id, request) => void this.begun.push({ id, ...request }),
      latest: async () => {
        this.answer();
        return this.begun.flatMap(({ id }) => this.jobOf(id) ?? []).map((job) => this.jobs.of(job));
      },
    };
    this.faults = new FakeFaults(service);
    this.audit = new FakeAudit();
    this.jobs = new Jobs(service);
    this.jobs.add(async (uuid) => this.jobOf(uuid));
    this.projections = new Projections(this.jobs);
    this.deadLetters = {
      list: async (_filter, limit, after) =>
        this.newest()
          .filter(({ at, id }) => !after || at < after.at || (at === after.at && id < after.id))
          .slice(0, limit),
      read: async (id) => this.find(id) as never,
      original: async (id, { by, reason }) => {
        this.done.push(`original ${this.find(id).id} ${by} ${reason}`);
        return { base64: Buffer.from([0xff, 0x00, 0x61]).toString('base64') };
      },
      audit: async (id, limit = 200, after = 0) =>
        this.entries.filter(({ seq }) => this.find(id) && seq > after).slice(0, limit),
      redrive: async (id, how) => void this.done.push(`redrive ${this.find(id).id} ${how.by}`),
      discard: async (id, by) => void this.done.push(`discard ${this.find(id).id} ${by}`),
    };
  }

  async channels(): Promise<readonly ChannelReport[]> {
    this.answer();
    return this.control.reports();
  }

  async metrics(): Promise<readonly ServiceMetrics[]> {
    this.answer();
    return this.processes;
  }

  async journey(): Promise<readonly JourneyRow[]> {
    this.answer();
    return this.rows;
  }

  deadLetter(number: number, at: string): void {
    const uuid = `01980000-0000-7000-8000-${String(number).padStart(12, '0')}`;
    this.letters.push({
      id: `${this.service}.${uuid}`,
      service: this.service,
      group: this.service,
      handler: null,
      channel: 'c',
      type: null,
      key: null,
      attempts: 5,
      code: 'handler_failed',
      error: 'no',
      firstAt: at,
      at,
    });
  }

  /** A job that has redriven one of its dead letters. */
  private jobOf(uuid: string): Job | undefined {
    const found = this.begun.find(({ id }) => id === uuid);
    if (!found) return undefined;
    return {
      id: uuid,
      kind: 'redrive-dead-letters',
      state: 'running',
      progress: 0.5,
      url: null,
      counts: { expected: this.letters.length, redriven: Math.min(1, this.letters.length) },
      requestedBy: found.by,
      startedAt: '2026-01-01T00:00:00.000Z',
      finishedAt: null,
    };
  }

  private newest(): DeadLetterSummary[] {
    this.answer();
    return [...this.letters].sort((a, b) => (a.at + a.id < b.at + b.id ? 1 : -1));
  }

  private find(id: string): DeadLetterSummary {
    const found = this.letters.find((letter) => letter.id === id);
    if (!found) throw new NoSuchDeadLetter(id);
    return found;
  }

  private answer(): void {
    if (this.away) throw new Error('away');
  }
}
