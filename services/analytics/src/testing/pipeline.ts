import type { Envelope, Message } from '@waybill/contracts';
import { encode } from '@waybill/contracts';
import { ConsumerBench, until } from '@waybill/messaging/testing';
import { PgStore } from '@waybill/persistence';
import type { TestDatabase } from '@waybill/testing';
import { analyticsConfig } from '../analytics.config.ts';
import { EnrichmentConsumer } from '../messages/enrichment.consumer.ts';
import { MetricsConsumer } from '../messages/metrics.consumer.ts';
import { ProcessingConsumer } from '../messages/processing.consumer.ts';
import { ProfilesConsumer } from '../messages/profiles.consumer.ts';
import { SessionsConsumer } from '../messages/sessions.consumer.ts';
import { WindowsConsumer } from '../messages/windows.consumer.ts';
import { MetricsRepository } from '../storage/metrics.repository.ts';

const config = analyticsConfig.parse({ ALLOWED_LATENESS: '1m', SESSION_GAP: '2m' });
/** In milliseconds, as the stages of a `Pipeline` have them. */
export const lateness = 60_000;
export const gap = 120_000;

const stages = () => {
  const windows = new WindowsConsumer(config);
  const sessions = new SessionsConsumer(config);
  return [
    new ProfilesConsumer().registered(),
    new EnrichmentConsumer().enrich(),
    new ProcessingConsumer(config).process(),
    windows.add(),
    windows.due(),
    sessions.add(),
    sessions.due(),
  ];
};

/** The groups of a published message. */
const groups: Record<string, readonly string[]> = {
  'enriched.activity': ['analytics.processing', 'analytics.sessions'],
  'processed.activity': ['analytics.windows'],
  'analytics.windows-due': ['analytics.windows'],
  'analytics.sessions-due': ['analytics.sessions'],
};
const isTimer = ({ type }: Envelope): boolean => type.endsWith('-due');

/** The stages in one process after another: each dies between a commit and its acknowledgement, and the next gets that message again. */
export class Pipeline {
  private readonly metrics: MetricsConsumer;
  private bench!: ConsumerBench;
  private processed = 0;
  private waiting: Envelope[] = [];
  readonly published: Envelope[] = [];

  /** A process dies after so many messages. */
  constructor(
    private readonly database: TestDatabase,
    private readonly diesAfter = Number.POSITIVE_INFINITY,
  ) {
    this.metrics = new MetricsConsumer(new MetricsRepository(database.dataSource));
  }

  async start(): Promise<this> {
    const store = new PgStore(this.database.pool, this.database.tables);
    this.bench = new ConsumerBench(stages(), { service: 'analytics', store });
    // Inbox partitions exist only around the database's current time.
    this.bench.clock.advance(Date.now() - this.bench.clock.now().getTime());
    await this.bench.start();
    return this;
  }

  /** Processes a message, and everything that it leads to, but timers. */
  async take(group: string, message: Message): Promise<void> {
    this.bench.deliver(message, { group });
    await this.settled();
    await this.follow((each) => !isTimer(each));
  }

  /** Lets all timers fire. */
  timersFire(): Promise<void> {
    return this.follow(() => true);
  }

  /** A group gets messages again that it has processed. */
  async replay(group: string, envelopes: readonly Envelope[]): Promise<void> {
    for (const envelope of envelopes) await this.process(group, envelope);
    await this.timersFire();
  }

  private async follow(test: (envelope: Envelope) => boolean): Promise<void> {
    for (let next = this.next(test); next.length > 0; next = this.next(test)) {
      for (const envelope of next) {
        for (const group of groups[envelope.type] ?? []) await this.process(group, envelope);
        if (envelope.type === 'analytics.metrics') await this.metrics.keep().write([envelope]);
      }
    }
  }

  private next(test: (envelope: Envelope) => boolean): Envelope[] {
    const found = this.waiting.filter(test);
    this.waiting = this.waiting.filter((each) => !test(each));
    return found;
  }

  private async process(group: string, envelope: Envelope): Promise<void> {
    const deliver = async () => {
      this.bench.deliverBytes(encode(envelope), { group, channel: 'any.events' });
      await this.settled();
    };
    await deliver();
    this.processed += 1;
    if (this.processed % this.diesAfter !== 0) return;
    await this.start();
    await deliver();
  }

  private async settled(): Promise<void> {
    await until(() => this.bench.open() === 0);
    const sent = this.bench.sent.splice(0);
    this.published.push(...sent);
    this.waiting.push(...sent);
  }
}
