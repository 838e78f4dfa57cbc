import type { InternalRoutes } from '../ops/internal-routes.ts';
import type { DeferredMessage, MessageAccess, MessagePlace } from './message-access.ts';

/** The messages of a service in another process. */
export class RemoteMessages implements MessageAccess {
  constructor(private readonly routes: InternalRoutes) {}

  places(id: string): Promise<readonly MessagePlace[]> {
    return this.routes.call('GET', `messages/${encodeURIComponent(id)}`, {});
  }

  deferred(
    filter: { readonly group?: string },
    limit: number,
    after?: number,
  ): Promise<readonly DeferredMessage[]> {
    return this.routes.call('GET', 'deferred', { query: { ...filter, limit, after } });
  }
}
