import type { RedisLink } from './redis-link.ts';

/** Keeps the subscriptions of one connection equal to the wanted ones, also after the connection broke. */
export class RedisSubscriptions {
  private readonly active = new Set<string>();
  private working: Promise<void> | null = null;
  private again = false;
  private readonly refused = new Set<string>();

  constructor(
    private readonly link: RedisLink,
    private readonly wanted: () => readonly string[],
    private readonly events: {
      /** A topic is received from now on; earlier messages may be missing. */
      readonly subscribed: (topic: string) => void;
      readonly refused: (topic: string, error: Error) => void;
    },
  ) {}

  /** For a new connection, which has no subscriptions. */
  restart(): void {
    this.active.clear();
    this.refused.clear();
    this.adjust();
  }

  adjust(): void {
    this.again = true;
    this.working ??= this.work().finally(() => {
      this.working = null;
      if (this.again) this.adjust();
    });
  }

  /** True if every wanted topic is subscribed. */
  get complete(): boolean {
    return (
      this.link.state === 'connected' && this.wanted().every((topic) => this.active.has(topic))
    );
  }

  private async work(): Promise<void> {
    while (this.again) {
      this.again = false;
      if (this.link.state !== 'connected') return;
      await this.adjustTo(new Set(this.wanted()));
    }
  }

  private async adjustTo(wanted: ReadonlySet<string>): Promise<void> {
    for (const topic of wanted) {
      if (!this.active.has(topic) && !this.refused.has(topic)) await this.subscribe(topic);
    }
    for (const topic of this.active) if (!wanted.has(topic)) await this.unsubscribe(topic);
  }

  private async subscribe(topic: string): Promise<void> {
    const { redis } = this.link;
    try {
      await (isPattern(topic) ? redis.psubscribe(topic) : redis.subscribe(topic));
      this.active.add(topic);
      this.events.subscribed(topic);
    } catch (error) {
      if (this.link.state !== 'connected') return;
      if ((error as Error).name === 'ReplyError') {
        this.refused.add(topic);
        this.events.refused(topic, error as Error);
      } else {
        // It is unknown whether the topic is subscribed; a new connection has no subscriptions, and restarts this.
        this.link.reset();
      }
    }
  }

  private async unsubscribe(topic: string): Promise<void> {
    const { redis } = this.link;
    this.active.delete(topic);
    await (isPattern(topic) ? redis.punsubscribe(topic) : redis.unsubscribe(topic)).catch(() => {
      // The connection broke; the next one starts without subscriptions.
    });
  }
}

/** Topics of this adapter contain no other special character. */
export const isPattern = (topic: string): boolean => topic.endsWith('*');
