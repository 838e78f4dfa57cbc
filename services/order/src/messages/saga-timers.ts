import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { type Clock, Submitter } from '@waybill/messaging';
import { CLOCK, LOGGER, type Log } from '@waybill/service';
import type { SagaEntity } from '../storage/order.entities.ts';
import { SagaRepository } from '../storage/saga.repository.ts';
import { SagaDue } from './order.local.ts';

const lookEvery = 1_000;
const atOnce = 200;

/**
 * Tells sagas that their time has come. While no broker has confirmed a command, its net does not run: a broker
 * that is away for an hour rejects nothing.
 */
@Injectable()
export class SagaTimers implements OnApplicationBootstrap, OnApplicationShutdown {
  private cancel: () => void = () => {};
  private stopped = false;

  constructor(
    private readonly sagas: SagaRepository,
    private readonly submitter: Submitter,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.schedule();
  }

  onApplicationShutdown(): void {
    this.stopped = true;
    this.cancel();
  }

  /** Tells every saga that is due now; resolves with how many. */
  async look(): Promise<number> {
    const due = await this.sagas.due(this.clock.now(), atOnce);
    const sending = due.filter(({ phase }) => phase === 'sending').map(({ key }) => key);
    const unconfirmed = sending.length > 0 ? await this.sagas.unconfirmed(sending) : new Set();
    await Promise.all(due.map((saga) => this.tell(saga, unconfirmed.has(saga.key))));
    return due.length;
  }

  private async tell({ key, step, phase, dueAt }: SagaEntity, isUnconfirmed: boolean) {
    const finding = phase === 'waiting' ? 'timedOut' : isUnconfirmed ? 'unconfirmed' : 'confirmed';
    await this.submitter.submit(SagaDue({ orderId: key, step, dueAt: dueAt ?? '', finding }));
  }

  private schedule(): void {
    if (this.stopped) return;
    this.cancel = this.clock.after(lookEvery, () => {
      this.look()
        .catch((error: unknown) => this.log.warn({ err: error }, 'saga timers could not look'))
        .finally(() => this.schedule());
    });
  }
}
