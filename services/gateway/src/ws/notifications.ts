import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { type Envelope, NotificationCreated, readData } from '@waybill/contracts';
import { LOGGER, type Log } from '@waybill/observability';
import type { LiveUpdates } from '@waybill/service';
import { Rooms } from './rooms.ts';

/** The live updates of the system, or null where the gateway receives none. */
export type Live = Pick<LiveUpdates, 'observe'> | null;

/** Injects `Live`. */
export const LIVE = Symbol('waybill:live');

/** Sends each notification to the connections of its customer here; every gateway receives the live update. */
@Injectable()
export class Notifications implements OnApplicationBootstrap, OnApplicationShutdown {
  private stop = (): void => {};

  constructor(
    @Inject(LIVE) private readonly live: Live,
    private readonly rooms: Rooms,
    @Inject(LOGGER) private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    if (!this.live) return;
    this.stop = this.live.observe(NotificationCreated, (live) => this.send(live));
  }

  onApplicationShutdown(): void {
    this.stop();
  }

  private send({ version, data }: Envelope): void {
    try {
      const { customerId: user, ...shown } = readData(NotificationCreated, version, data);
      this.rooms.deliverHere({ to: { user }, message: { type: 'notification', ...shown } });
    } catch (error) {
      this.log.warn({ error }, 'a notification cannot be read');
    }
  }
}
