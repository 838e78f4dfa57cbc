import { statfs } from 'node:fs/promises';
import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { type Clock, every } from '@waybill/messaging';
import { CLOCK, CONFIG, LOGGER, type Log, Problem } from '@waybill/service';
import type { OrderConfig } from '../order.config.ts';
import { OpenSagas } from '../storage/open-sagas.ts';

const lookEvery = 1_000;
const megabyte = 1_048_576;

/** Refuses new orders before the service drowns: too many that are not settled, or too little disk. */
@Injectable()
export class Admission implements OnApplicationBootstrap, OnApplicationShutdown {
  private refusal: string | null = null;
  private end: () => void = () => {};

  constructor(
    private readonly sagas: OpenSagas,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: OrderConfig,
    @Inject(LOGGER) private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.end = every(
      this.clock,
      lookEvery,
      () => this.look(),
      (error) => this.log.warn({ error }, 'admission could not look'),
    );
  }

  onApplicationShutdown(): void {
    this.end();
  }

  /** Throws a 503 problem while new orders are refused. */
  check(): void {
    if (this.refusal === null) return;
    throw new Problem(503, 'overloaded', this.refusal, { headers: { 'retry-after': '5' } });
  }

  /** Looks at what there is; called once a second, so that no order pays for it. */
  async look(): Promise<void> {
    const { maxOpenOrders, diskReserveMb } = this.config;
    const open = await this.sagas.count(maxOpenOrders + 1);
    const { bavail, bsize } = await statfs('.');
    const freeMb = (bavail * bsize) / megabyte;
    const tooMany = open > maxOpenOrders;
    const reason = tooMany
      ? `more than ${maxOpenOrders} orders wait to be settled`
      : `the disk has less than ${diskReserveMb} MiB left`;
    const refusal = tooMany || freeMb < diskReserveMb ? reason : null;
    if (refusal !== this.refusal) this.log.warn({ open, freeMb, refusal }, 'admission changed');
    this.refusal = refusal;
  }
}
