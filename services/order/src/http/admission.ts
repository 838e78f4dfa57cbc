import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { type Clock, every } from '@waybill/messaging';
import { CLOCK, CONFIG, Disk, LOGGER, type Log, Problem } from '@waybill/service';
import type { OrderConfig } from '../order.config.ts';
import { OpenSagas } from '../storage/open-sagas.ts';

const lookEvery = 1_000;

/** Refuses new orders before the service drowns: too many that are not settled, or too little disk. */
@Injectable()
export class Admission implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly refusals = new Map<'disk' | 'orders', string>();
  private end: () => void = () => {};

  constructor(
    private readonly sagas: OpenSagas,
    private readonly disk: Disk,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: OrderConfig,
    @Inject(LOGGER) private readonly log: Log,
  ) {}

  /** Has looked once before the first order comes. */
  async onApplicationBootstrap(): Promise<void> {
    const failed = (error: unknown) => this.log.warn({ error }, 'admission could not look');
    this.end = every(this.clock, lookEvery, () => this.look(), failed);
    await this.look().catch(failed);
  }

  onApplicationShutdown(): void {
    this.end();
  }

  /** Throws a 503 problem while new orders are refused. */
  check(): void {
    const [refusal] = this.refusals.values();
    if (refusal === undefined) return;
    throw new Problem(503, 'overloaded', refusal, { headers: { 'retry-after': '5' } });
  }

  /** Looks at what there is; called once a second, so that no order pays for it. What cannot be seen stays as it was. */
  async look(): Promise<void> {
    const looks = await Promise.allSettled([this.lookAtDisk(), this.lookAtOrders()]);
    for (const each of looks) if (each.status === 'rejected') throw each.reason;
  }

  private async lookAtDisk(): Promise<void> {
    const { reserveMb } = this.disk;
    const isShort = await this.disk.isShort();
    this.refuse('disk', isShort && `the disk has less than ${reserveMb} MiB left`);
  }

  private async lookAtOrders(): Promise<void> {
    const { maxOpenOrders } = this.config;
    const isFull = (await this.sagas.count(maxOpenOrders + 1)) > maxOpenOrders;
    this.refuse('orders', isFull && `more than ${maxOpenOrders} orders wait to be settled`);
  }

  private refuse(what: 'disk' | 'orders', refusal: string | false): void {
    if ((refusal || undefined) === this.refusals.get(what)) return;
    if (refusal) this.refusals.set(what, refusal);
    else this.refusals.delete(what);
    const { folder } = this.disk;
    this.log.warn({ what, folder, refusal: refusal || null }, 'admission changed');
  }
}
