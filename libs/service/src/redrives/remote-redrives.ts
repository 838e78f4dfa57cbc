import type { DeadLetterFilter } from '@waybill/dead-letter';
import type { InternalRoutes } from '../ops/internal-routes.ts';
import type { Job } from '../ops/jobs.ts';
import type { RedriveAccess, RedriveRequest } from './redrive-access.ts';

/** Redrives of many dead letters of a service in another process. */
export class RemoteRedrives implements RedriveAccess {
  constructor(private readonly routes: InternalRoutes) {}

  async count(filter: DeadLetterFilter): Promise<number> {
    const query = { ...filter };
    const { count } = await this.routes.call<{ count: number }>('GET', 'redrivable', { query });
    return count;
  }

  begin(id: string, request: RedriveRequest): Promise<void> {
    return this.routes.call('PUT', `redrives/${id}`, { body: request });
  }

  latest(): Promise<readonly Job[]> {
    return this.routes.call('GET', 'redrives', {});
  }
}
