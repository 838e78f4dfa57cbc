import { randomUUID } from 'node:crypto';
import { Problem } from '@waybill/http';
import { type Job, unknownJob } from '../ops/jobs.ts';
import { merge } from '../ops/merge.ts';
import type { Operations } from '../ops/operations.ts';
import { latestJobs, type RedriveRequest } from './redrive-access.ts';

type Service = Pick<Operations, 'service' | 'redrives' | 'jobs'>;

/** The id of a job that has a part in each of several services begins with this instead of the name of a service. */
const all = 'all';

/** Redrives of many dead letters of all services: one job, with a part in each service that has such dead letters. */
export class SystemRedrives {
  constructor(private readonly services: readonly Service[]) {}

  /** Begins nothing unless every service answers. The services share the rate, by how much each has to redrive. */
  async begin({ ratePerSecond, ...request }: RedriveRequest): Promise<Job> {
    const counts = await this.inAll(this.services, async (each) => [
      { each, count: await each.redrives.count(request.filter) },
    ]);
    const total = counts.reduce((sum, { count }) => sum + count, 0);
    const concerned = total === 0 ? counts.slice(0, 1) : counts.filter(({ count }) => count > 0);
    const id = randomUUID();
    const shareOf = new Map(concerned.map(({ each, count }) => [each, count / Math.max(1, total)]));
    await this.inAll([...shareOf.keys()], async (each) => {
      const share = shareOf.get(each) || 1;
      await each.redrives.begin(id, { ...request, ratePerSecond: share * ratePerSecond });
      return [];
    });
    return this.read(`${all}.${id}`);
  }

  /** Whether the id is that of such a job. */
  has(id: string): boolean {
    return id.startsWith(`${all}.`);
  }

  async read(id: string): Promise<Job> {
    const uuid = id.slice(all.length + 1);
    const parts = await this.inAll(this.services, async ({ service, jobs }) =>
      jobs.read(`${service}.${uuid}`).then(
        (job) => [job],
        (error: { status?: unknown }) => {
          if (error.status === 404) return [];
          throw error;
        },
      ),
    );
    const [first, ...others] = parts;
    if (!first) throw unknownJob(id);
    return jobOf(id, [first, ...others]);
  }

  /** The jobs that were begun last, the newest first: their parts are among the latest of each service. Without the parts of `missing` services. */
  async latest(): Promise<{ readonly items: readonly Job[]; readonly missing: readonly string[] }> {
    const { items, missing } = await merge(this.services, ({ redrives }) => redrives.latest());
    const parts = new Map<string, [Job, ...Job[]]>();
    for (const part of items) {
      const uuid = part.id.slice(part.id.lastIndexOf('.') + 1);
      const its = parts.get(uuid);
      if (its) its.push(part);
      else parts.set(uuid, [part]);
    }
    const jobs = [...parts].map(([uuid, its]) => jobOf(`${all}.${uuid}`, its));
    const newest = jobs.sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
    return { items: newest.slice(0, latestJobs), missing };
  }

  private async inAll<T>(
    services: readonly Service[],
    call: (service: Service) => Promise<readonly T[]>,
  ): Promise<readonly T[]> {
    const { items, missing } = await merge(services, call);
    if (missing.length === 0) return items;
    throw new Problem(503, 'unavailable', `${missing.join(', ')} did not answer; try again`, {
      headers: { 'retry-after': '2' },
    });
  }
}

const jobOf = (id: string, parts: readonly [Job, ...Job[]]): Job => ({
  ...parts[0],
  id,
  ...togetherOf(parts),
});

function togetherOf(
  parts: readonly Job[],
): Pick<Job, 'state' | 'progress' | 'counts' | 'finishedAt'> {
  const sum = (name: string) => parts.reduce((all, { counts }) => all + (counts[name] ?? 0), 0);
  const counts = { expected: sum('expected'), redriven: sum('redriven') };
  const isDone = parts.every(({ state }) => state === 'done');
  const finished = parts.map(({ finishedAt }) => finishedAt ?? '').sort();
  return {
    state: isDone ? 'done' : 'running',
    progress: isDone ? 1 : Math.min(0.99, counts.redriven / Math.max(1, counts.expected)),
    counts,
    finishedAt: isDone ? (finished.at(-1) ?? null) : null,
  };
}
