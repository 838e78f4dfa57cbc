import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { CLOCK, type Clock, every } from '@waybill/messaging';
import { LOGGER, type Log } from '@waybill/observability';
import { CONFIG } from '@waybill/service';
import type { AnalyticsConfig } from '../analytics.config.ts';
import { type LiveNumbers, LiveRepository } from '../storage/live.repository.ts';

const readEvery = 1_000;

/** Reads once a second what happens now, for all readers together, and only while there are any. */
@Injectable()
export class LiveFeed implements OnApplicationShutdown {
  private readonly readers = new Set<(numbers: LiveNumbers) => void>();
  private newest: LiveNumbers | null = null;
  private stop: (() => void) | null = null;

  constructor(
    private readonly numbers: LiveRepository,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<AnalyticsConfig, 'shopCurrency'>,
    @Inject(LOGGER) private readonly log: Pick<Log, 'warn'>,
  ) {}

  /** Calls `next` with each change; the returned function ends this. */
  follow(next: (numbers: LiveNumbers) => void): () => void {
    this.readers.add(next);
    this.stop ??= every(
      this.clock,
      readEvery,
      () => this.read(),
      (error) => this.log.warn({ error }, 'the live numbers could not be read'),
    );
    return () => {
      this.readers.delete(next);
      if (this.readers.size === 0) this.onApplicationShutdown();
    };
  }

  /** The numbers of now. */
  async current(): Promise<LiveNumbers> {
    const numbers = await this.numbers.read(this.config.shopCurrency);
    this.newest ??= numbers;
    return numbers;
  }

  onApplicationShutdown(): void {
    this.stop?.();
    this.stop = null;
    this.newest = null;
  }

  private async read(): Promise<void> {
    const numbers = await this.numbers.read(this.config.shopCurrency);
    if (JSON.stringify(numbers) === JSON.stringify(this.newest)) return;
    this.newest = numbers;
    for (const next of this.readers) next(numbers);
  }
}
