import type { ServiceTokens } from '@waybill/http';
import {
  type AuditAccess,
  type ChannelAccess,
  type ChannelReport,
  type DeadLetterAccess,
  type ExportAccess,
  type FaultAccess,
  type JobAccess,
  type JourneyRow,
  type MessageAccess,
  type Operations,
  type PersonalDataAccess,
  type ProjectionAccess,
  type RedriveAccess,
  RemoteOperations,
  type ServiceMetrics,
} from '@waybill/service';
import { isUnreached, problemFrom } from './failures.ts';
import type { Replicas } from './replicas.ts';

/** The operations of a service with one or more replicas, which share a database and count separately. */
export class OperationsOfReplicas implements Operations {
  readonly deadLetters: DeadLetterAccess;
  readonly control: ChannelAccess;
  readonly messages: MessageAccess;
  readonly redrives: RedriveAccess;
  readonly faults: FaultAccess;
  readonly audit: AuditAccess;
  readonly projections: ProjectionAccess;
  readonly jobs: JobAccess;
  readonly exports: ExportAccess;
  readonly personalData: PersonalDataAccess;
  private readonly byUrl: ReadonlyMap<string, RemoteOperations>;

  constructor(
    readonly service: string,
    private readonly replicas: Replicas,
    tokens: ServiceTokens,
  ) {
    this.byUrl = new Map(
      replicas.all.map(({ url }) => [url, new RemoteOperations(service, url, tokens)]),
    );
    this.deadLetters = {
      list: (...args) => this.one(({ deadLetters }) => deadLetters.list(...args)),
      read: (...args) => this.one(({ deadLetters }) => deadLetters.read(...args)),
      original: (...args) => this.one(({ deadLetters }) => deadLetters.original(...args)),
      audit: (...args) => this.one(({ deadLetters }) => deadLetters.audit(...args)),
      redrive: (...args) => this.one(({ deadLetters }) => deadLetters.redrive(...args)),
      discard: (...args) => this.one(({ deadLetters }) => deadLetters.discard(...args)),
    };
    this.control = {
      browse: (...args) => this.one(({ control }) => control.browse(...args)),
      pause: (...args) => this.one(({ control }) => control.pause(...args)),
      resume: (...args) => this.one(({ control }) => control.resume(...args)),
      seek: (...args) => this.one(({ control }) => control.seek(...args)),
      purge: (...args) => this.one(({ control }) => control.purge(...args)),
    };
    this.messages = {
      places: (id) => this.one(({ messages }) => messages.places(id)),
      deferred: (...args) => this.one(({ messages }) => messages.deferred(...args)),
    };
    this.redrives = {
      count: (filter) => this.one(({ redrives }) => redrives.count(filter)),
      begin: (...args) => this.one(({ redrives }) => redrives.begin(...args)),
      latest: () => this.one(({ redrives }) => redrives.latest()),
    };
    this.faults = {
      list: () => this.one(({ faults }) => faults.list()),
      set: (...args) => this.one(({ faults }) => faults.set(...args)),
      clear: (...args) => this.one(({ faults }) => faults.clear(...args)),
    };
    this.audit = {
      began: (...args) => this.one(({ audit }) => audit.began(...args)),
      ended: (...args) => this.one(({ audit }) => audit.ended(...args)),
      list: (...args) => this.one(({ audit }) => audit.list(...args)),
    };
    this.projections = {
      list: () => this.one(({ projections }) => projections.list()),
      rebuild: (...args) => this.one(({ projections }) => projections.rebuild(...args)),
    };
    this.jobs = { read: (id) => this.one(({ jobs }) => jobs.read(id)) };
    this.exports = { begin: (...args) => this.one(({ exports }) => exports.begin(...args)) };
    this.personalData = {
      read: (...args) => this.one(({ personalData }) => personalData.read(...args)),
    };
  }

  journey(key: string): Promise<readonly JourneyRow[]> {
    return this.one((operations) => operations.journey(key));
  }

  /** The counts of the replicas are summed; the broker's report on a channel is the same for all. */
  async channels(): Promise<readonly ChannelReport[]> {
    const sums = new Map<string, ChannelReport>();
    for (const report of await this.each((operations) => operations.channels())) {
      const name = `${report.channel} ${report.group}`;
      const sum = sums.get(name);
      sums.set(name, sum ? addedUp(sum, report) : report);
    }
    return [...sums.values()];
  }

  metrics(): Promise<readonly ServiceMetrics[]> {
    return this.each((operations) => operations.metrics());
  }

  /** The answers of all replicas that answer; rejects if none does. */
  private async each<T>(call: (of: Operations) => Promise<readonly T[]>): Promise<readonly T[]> {
    const asked = await Promise.allSettled([...this.byUrl.values()].map(call));
    const told = asked.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    if (told.length === 0) throw asked.find((each) => each.status === 'rejected')?.reason;
    return told.flat();
  }

  private async one<T>(send: (operations: Operations) => Promise<T>): Promise<T> {
    let failure: unknown;
    for (const { url } of this.replicas.inTurn()) {
      const operations = this.byUrl.get(url);
      if (!operations) continue;
      try {
        return await send(operations);
      } catch (error) {
        failure = error;
        if (!isUnreached(error)) break;
      }
    }
    throw problemFrom(this.service, failure);
  }
}

function addedUp(a: ChannelReport, b: ChannelReport): ChannelReport {
  const rate = a.rate + b.rate;
  return {
    ...a,
    depth: larger(a.depth, b.depth),
    inFlight: larger(a.inFlight, b.inFlight),
    consumers: larger(a.consumers, b.consumers),
    lagMs: larger(a.lagMs, b.lagMs),
    rate,
    errorRate: rate === 0 ? 0 : (a.errorRate * a.rate + b.errorRate * b.rate) / rate,
    applied: a.applied + b.applied,
    duplicate: a.duplicate + b.duplicate,
    deferred: a.deferred + b.deferred,
    dead: a.dead + b.dead,
    discarded: a.discarded + b.discarded,
  };
}

/** One replica may lack a value that another has. */
const larger = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.max(a, b);
