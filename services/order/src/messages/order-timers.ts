import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { type Clock, Submitter } from '@waybill/messaging';
import { SagaRepository, SagaTimers } from '@waybill/saga';
import { CLOCK, LOGGER, type Log } from '@waybill/service';
import { registry } from '../sagas/sagas.ts';

/** The nets of the sagas of orders, from the start of the service to its end. */
@Injectable()
export class OrderTimers implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly timers: SagaTimers;

  constructor(
    sagas: SagaRepository,
    submitter: Submitter,
    @Inject(CLOCK) clock: Clock,
    @Inject(LOGGER) log: Log,
  ) {
    const onTrouble = (error: unknown) => log.warn({ err: error }, 'a saga timer must try again');
    this.timers = new SagaTimers({ sagas, registry, submitter, clock, onTrouble });
  }

  onApplicationBootstrap(): void {
    this.timers.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.timers.stop();
  }
}
