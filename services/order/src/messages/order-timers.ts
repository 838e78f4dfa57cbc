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
    private readonly sagas: SagaRepository,
    submitter: Submitter,
    @Inject(CLOCK) clock: Clock,
    @Inject(LOGGER) private readonly log: Log,
  ) {
    const onTrouble = (error: unknown) => log.warn({ err: error }, 'a saga timer must try again');
    this.timers = new SagaTimers({ sagas, registry, submitter, clock, onTrouble });
  }

  /** A release without a step that a saga is at must not start: nobody would ever finish that saga. */
  async onApplicationBootstrap(): Promise<void> {
    const missing = registry.missing(await this.inFlight());
    if (missing.length > 0)
      throw new TypeError(`sagas are at ${missing.join(', ')}, which is gone`);
    this.timers.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.timers.stop();
  }

  /** The database may be away, or behind: then the host waits for it. */
  private async inFlight(): Promise<Awaited<ReturnType<SagaRepository['inFlight']>>> {
    try {
      return await this.sagas.inFlight();
    } catch (error) {
      this.log.warn({ err: error }, 'the sagas in flight could not be checked');
      return [];
    }
  }
}
