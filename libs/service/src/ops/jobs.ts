import { Problem } from '@waybill/http';
import { z } from 'zod';

/** Documents a response with a job. */
export const jobAnswer = z
  .strictObject({
    id: z.string(),
    kind: z.string().meta({ description: 'What is done, such as rebuild-projection' }),
    state: z.enum(['running', 'done']),
    progress: z.number().min(0).max(1),
    url: z.string().nullable().meta({ description: 'Where its result is' }),
    counts: z.record(z.string(), z.number()).meta({ description: 'What it has counted so far' }),
    requestedBy: z.string(),
    startedAt: z.iso.datetime(),
    finishedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Job' });

/** Work that goes on after its request was answered; its id is `<service>.<uuid>`. */
export type Job = z.output<typeof jobAnswer>;

/** The jobs of one service, wherever it runs. */
export interface JobAccess {
  /** Rejects with 404 for a job that the service does not have. */
  read(id: string): Promise<Job>;
}

/** The jobs of a service in its own process; whatever has jobs adds itself. */
export class Jobs implements JobAccess {
  private readonly finders: ((uuid: string) => Promise<Job | undefined>)[] = [];

  constructor(readonly service: string) {}

  /** `find` resolves with the job of a UUID, which is its id there, or with undefined. */
  add(find: (uuid: string) => Promise<Job | undefined>): void {
    this.finders.push(find);
  }

  /** The id by which the whole system knows a job of this service. */
  idOf(uuid: string): string {
    return `${this.service}.${uuid}`;
  }

  /** A job as the whole system knows it, of one whose id is a UUID. */
  of(job: Job): Job {
    return { ...job, id: this.idOf(job.id) };
  }

  async read(id: string): Promise<Job> {
    const uuid = id.slice(this.service.length + 1);
    if (id === this.idOf(uuid) && z.uuid().safeParse(uuid).success) {
      for (const find of this.finders) {
        const found = await find(uuid);
        if (found) return this.of(found);
      }
    }
    throw unknownJob(id);
  }
}

/** No service has a job with this id. */
export const unknownJob = (id: string): Problem =>
  new Problem(404, 'not_found', `there is no job ${id}`);
