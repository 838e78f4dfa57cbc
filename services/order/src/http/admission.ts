import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { Problem, type ServiceAdapter } from '@waybill/http';
import { CLOCK, type Clock, every, Submitter } from '@waybill/messaging';
import { Disk, LOGGER, type Log } from '@waybill/observability';
import { CONFIG } from '@waybill/service';
import type { OrderConfig } from '../order.config.ts';
import { OpenSagas } from '../storage/open-sagas.ts';

const lookEvery = 1_000;

/**
 * Refuses new orders, before reading them, when the service is overloaded: too many wait for a batch or are not settled,
 * or there is too little disk space.
 */
@Injectable()
export class Admission implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly refusals = new Map<'disk' | 'orders', Problem>();
  private end: () => void = () => {};

  constructor(
    adapters: HttpAdapterHost<ServiceAdapter>,
    private readonly submitter: Submitter,
    private readonly sagas: OpenSagas,
    private readonly disk: Disk,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: OrderConfig,
    @Inject(LOGGER) private readonly log: Log,
  ) {
    adapters.init$.subscribe(() =>
      adapters.httpAdapter.checkFirst('POST', '/api/v1/orders', () => this.refusal()),
    );
  }

  /** Checks once before the first order arrives. */
  async onApplicationBootstrap(): Promise<void> {
    const failed = (error: unknown) => this.log.warn({ error }, 'admission could not look');
    this.end = every(this.clock, lookEvery, () => this.look(), failed);
    await this.look().catch(failed);
  }

  onApplicationShutdown(): void {
    this.end();
  }

  /** The reason to refuse new orders now, as a 503 error; undefined while orders are accepted. */
  refusal(): Error | undefined {
    const [refusal = this.submitter.overload()] = this.refusals.values();
    return refusal;
  }

  /** Checks the limits. Called once a second, so that no request pays for it. A check that fails keeps its last result. */
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
    if ((refusal || undefined) === this.refusals.get(what)?.detail) return;
    const headers = { 'retry-after': '5' };
    if (refusal) this.refusals.set(what, new Problem(503, 'overloaded', refusal, { headers }));
    else this.refusals.delete(what);
    const { folder } = this.disk;
    this.log.warn({ what, folder, refusal: refusal || null }, 'admission changed');
  }
}
