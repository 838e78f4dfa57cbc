import { Injectable } from '@nestjs/common';
import type { ProjectionStatus, Rebuild } from '@waybill/event-store';
import { Problem } from '@waybill/http';
import { type Job, Jobs } from './jobs.ts';

/** How far a projection of a service has come. */
export interface ProjectionReport extends ProjectionStatus {
  readonly service: string;
  readonly name: string;
  readonly rebuildable: boolean;
  /** The job that rebuilds it, if one is under way. */
  readonly jobId: string | null;
}

/** The projections of one service, wherever it runs. */
export interface ProjectionAccess {
  list(): Promise<readonly ProjectionReport[]>;
  rebuild(name: string, by: string): Promise<Job>;
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
@Injectable()
export class Projections implements ProjectionAccess {
  private readonly all = new Map<string, () => ManagedProjection>();

  constructor(private readonly jobs: Jobs) {
    jobs.add((uuid) => this.find(uuid));
  }

  /** `found` is called when the projection is needed. Its name is unique among all services. */
  add(name: string, found: () => ManagedProjection): void {
    this.all.set(name, found);
  }

  list(): Promise<readonly ProjectionReport[]> {
    return Promise.all(
      [...this.all].map(async ([name, found]): Promise<ProjectionReport> => {
        const projection = found();
        const { rebuild, ...status } = await projection.status();
        const jobId = rebuild ? this.jobs.idOf(rebuild.id) : null;
        return {
          service: this.jobs.service,
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
    if ('rebuild' in projection) return this.jobs.of(jobOf(await projection.rebuild(by)));
    throw new Problem(
      409,
      'not_rebuildable',
      `${name} is not built again: ${projection.notRebuildable}`,
    );
  }

  private async find(uuid: string): Promise<Job | undefined> {
    for (const found of this.all.values()) {
      const projection = found();
      const rebuild = 'rebuild' in projection && (await projection.findRebuild(uuid));
      if (rebuild) return jobOf(rebuild);
    }
    return undefined;
  }
}

const jobOf = ({ id, state, progress, requestedBy, startedAt, finishedAt }: Rebuild): Job => ({
  id,
  kind: 'rebuild-projection',
  state,
  progress,
  url: null,
  counts: {},
  requestedBy,
  startedAt,
  finishedAt,
});

/** No service has a projection of this name. */
export const unknownProjection = (name: string): Problem =>
  new Problem(404, 'not_found', `there is no projection ${name}`);
