import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { OrderUpdated, timeOfId } from '@waybill/contracts';
import { CLOCK, type Clock, every } from '@waybill/messaging';
import { Health, Slo } from '@waybill/observability';
import { LiveUpdates } from '@waybill/service';
import { SloMinuteRepository } from '../storage/slo-minute.repository.ts';

const name = 'orders';
/** The share of orders that must have an outcome in time, and the time in milliseconds. */
const goal = 0.99;
const inTime = 2_000;
const outcomes = new Set(['confirmed', 'rejected']);
/** Later updates of an order may show the same status again. */
const remembered = 10_000;
const keepEvery = 10_000;

/**
 * The goal that 99 % of orders are confirmed, or rejected, within two seconds, as a health check. What it has seen is stored every
 * ten seconds, so that a restart does not end an alert.
 */
@Injectable()
export class OrderSlo implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy {
  private readonly slo = new Slo(name, goal);
  private readonly counted = new Set<string>();
  private isRestored = false;
  private endings: readonly (() => void)[] = [];

  constructor(
    private readonly live: LiveUpdates,
    private readonly health: Health,
    private readonly minutes: SloMinuteRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.health.add(...this.slo.checks());
    const end = this.live.observe(OrderUpdated, ({ key, data }) =>
      this.see(key, data as { readonly status: string; readonly at: string }),
    );
    this.endings = [end];
  }

  onApplicationBootstrap(): void {
    // While the database is away, what was seen is stored later.
    const stop = every(
      this.clock,
      keepEvery,
      () => this.keep(),
      () => undefined,
    );
    this.endings = [...this.endings, stop];
  }

  onModuleDestroy(): void {
    for (const end of this.endings) end();
  }

  /** What was stored before comes first, so that it is not taken for what this process has seen. */
  private async keep(): Promise<void> {
    if (!this.isRestored) {
      this.slo.restore(await this.minutes.of(name));
      this.isRestored = true;
    }
    await this.minutes.keep(name, this.slo.recent(2));
  }

  /** The id of an order tells when it was placed. */
  private see(
    orderId: string,
    { status, at }: { readonly status: string; readonly at: string },
  ): void {
    if (!outcomes.has(status) || this.counted.has(orderId)) return;
    if (this.counted.size >= remembered) this.counted.clear();
    this.counted.add(orderId);
    this.slo.add(Date.parse(at) - timeOfId(orderId) <= inTime);
  }
}
