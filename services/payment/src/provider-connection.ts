import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Health, Metrics } from '@waybill/observability';
import { Resilience } from '@waybill/resilience';
import type { PaymentProvider } from './domain/provider.ts';
import { PAYMENT_PROVIDER } from './payment.tokens.ts';

const levels = { closed: 0, 'half-open': 1, open: 1 } as const;

/** Reports the state of the provider in health and metrics, and closes its connections last. */
@Injectable()
export class ProviderConnection implements OnModuleInit, OnApplicationShutdown {
  constructor(
    private readonly resilience: Resilience,
    private readonly health: Health,
    private readonly metrics: Metrics,
    @Inject(PAYMENT_PROVIDER) private readonly provider: PaymentProvider & { close?(): unknown },
  ) {}

  onModuleInit(): void {
    for (const pipeline of this.resilience.pipelines()) {
      this.health.add({
        name: `breaker-${pipeline.name}`,
        unit: '1 = open',
        // Orders are still accepted and wait: an open breaker degrades the service, and never makes it unhealthy.
        limit: 1.25,
        read: () => levels[pipeline.state()],
      });
    }
    this.count();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.provider.close?.();
  }

  private count(): void {
    const calls = this.metrics.histogram({
      name: 'dependency_call_seconds',
      help: 'Calls of outside dependencies by how they ended.',
      labelNames: ['dependency', 'ending'],
    });
    const state = this.metrics.gauge({
      name: 'dependency_breaker_open',
      help: '1 while the circuit breaker of an outside dependency is not closed.',
      labelNames: ['dependency'],
    });
    for (const { name } of this.resilience.pipelines()) state.set({ dependency: name }, 0);
    this.resilience.listen({
      called: ({ name }, ending, ms) => calls.observe({ dependency: name, ending }, ms / 1_000),
      stateChanged: ({ name }, now) => state.set({ dependency: name }, levels[now]),
    });
  }
}
