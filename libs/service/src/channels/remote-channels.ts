import type { SeekTarget } from '@waybill/messaging';
import type { InternalRoutes } from '../ops/internal-routes.ts';
import type { BrowsedMessage, ChannelAccess, Purged } from './channel-access.ts';

/** Milliseconds: a broker may have to gather what waits, or to wait for consumers to leave. */
const patience = 20_000;

/** The channels of a service in another process. */
export class RemoteChannels implements ChannelAccess {
  constructor(private readonly routes: InternalRoutes) {}

  browse(channel: string, limit: number): Promise<readonly BrowsedMessage[]> {
    const query = { limit };
    return this.routes.call('GET', `${pathOf(channel)}/messages`, { query, within: patience });
  }

  pause(channel: string, by: string): Promise<readonly string[]> {
    return this.act(`${pathOf(channel)}/pause`, { by });
  }

  resume(channel: string, by: string): Promise<readonly string[]> {
    return this.act(`${pathOf(channel)}/resume`, { by });
  }

  seek(group: string, to: SeekTarget, by: string): Promise<void> {
    return this.act(`groups/${encodeURIComponent(group)}/seek`, { by, to });
  }

  purge(channel: string, by: string): Promise<readonly Purged[]> {
    return this.act(`${pathOf(channel)}/purge`, { by });
  }

  private act<T>(path: string, body: object): Promise<T> {
    return this.routes.call('POST', path, { body, within: patience });
  }
}

const pathOf = (channel: string): string => `channels/${encodeURIComponent(channel)}`;
