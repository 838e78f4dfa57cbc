import type { ProjectionStatus, Rebuild } from '@waybill/event-store';
import { Problem } from '@waybill/http';
import { z } from 'zod';

/** How far a projection of a service has come. */
export interface ProjectionReport extends ProjectionStatus {
  readonly service: string;
  readonly name: string;
  readonly rebuildable: boolean;
  /** The job that rebuilds it, if one is under way. */
  readonly jobId: string | null;
}

/** Work that goes on after its request was answered; its id is `<service>.<uuid>`. */
export interface Job {
  readonly id: string;
  readonly kind: 'rebuild-projection';
  readonly state: Rebuild['state'];
  /** From 0 to 1. */
  readonly progress: number;
  /** Where its result is. */
  readonly url: string | null;
  readonly requestedBy: string;
  readonly startedAt: string;
  readonly finishedAt: string | null;
}

/** The projections of one service, wherever it runs. */
export interface ProjectionAccess {
  list(): Promise<readonly ProjectionReport[]>;
  rebuild(name: string, by: string): Promise<Job>;
  job(id: string): Promise<Job>;
}

/** A projection as a service manages it; one that cannot be built again says why. A `ReadModel` is one that can. */
export type ManagedProjection = {
  status(): Promise<ProjectionStatus & { readonly rebuild?: Rebuild | null }>;
} & (
  | {
      rebuild(by: string): Promise<Rebuild>;
      findRebuild(id: string): Promise<Rebuild | undefined>;
    }
  | { readonly notRebuildable: string }
);

/** The projections of a service in its own process; each adds itself. */
export class Projections implements ProjectionAccess {
  private readonly all = new Map<string, () => ManagedProjection>();

  constructor(private readonly service: string) {}

  /** `found` is called when the projection is needed. Its name is unique among all services. */
  add(name: string, found: () => ManagedProjection): void {
    this.all.set(name, found);
  }

  list(): Promise<readonly ProjectionReport[]> {
    return Promise.all(
      [...this.all].map(async ([name, found]): Promise<ProjectionReport> => {
        const projection = found();
        const { rebuild, ...status } = await projection.status();
        const jobId = rebuild ? this.idOf(rebuild) : null;
        return {
          service: this.service,
          name,
          ...status,
          rebuildable: 'rebuild' in projection,
          jobId,
        };
      }),
    );
  }

  async rebuild(name: string, by: string): Promise<Job> {
    const projection = this.all.get(name)?.();
    if (!projection) throw unknownProjection(name);
    if ('rebuild' in projection) return this.jobOf(await projection.rebuild(by));
    throw new Problem(
      409,
      'not_rebuildable',
      `${name} is not built again: ${projection.notRebuildable}`,
    );
  }

  async job(id: string): Promise<Job> {
    const uuid = id.slice(this.service.length + 1);
    if (id.startsWith(`${this.service}.`) && z.uuid().safeParse(uuid).success) {
      for (const found of this.all.values()) {
        const projection = found();
        const rebuild = 'rebuild' in projection && (await projection.findRebuild(uuid));
        if (rebuild) return this.jobOf(rebuild);
      }
    }
    throw unknownJob(id);
  }

  private idOf({ id }: Rebuild): string {
    return `${this.service}.${id}`;
  }

  private jobOf(rebuild: Rebuild): Job {
    const { state, progress, requestedBy, startedAt, finishedAt } = rebuild;
    const times = { requestedBy, startedAt, finishedAt };
    return {
      id: this.idOf(rebuild),
      kind: 'rebuild-projection',
      state,
      progress,
      url: null,
      ...times,
    };
  }
}

/** No service has a projection of this name. */
export const unknownProjection = (name: string): Problem =>
  new Problem(404, 'not_found', `there is no projection ${name}`);

/** No service has a job with this id. */
export const unknownJob = (id: string): Problem =>
  new Problem(404, 'not_found', `there is no job ${id}`);
