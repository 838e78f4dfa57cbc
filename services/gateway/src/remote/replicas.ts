import { Pool } from 'undici';

/** One process of a service. */
export interface Replica {
  readonly url: string;
  readonly pool: Pool;
  /** True if it did not respond at the last try: the others are tried first. */
  away: boolean;
}

export interface Patience {
  /** Timeout for a connection, in milliseconds; default 2,000. */
  readonly connectMs?: number;
  /** Timeout for the start of a response, in milliseconds, in addition to a `wait`. Default 10,000. */
  readonly answerMs?: number;
  /** Timeout between two parts of a response, in milliseconds; an event stream may be silent for ever. Default 30,000. */
  readonly silenceMs?: number;
}

const longestIdle = 4_000;

/** The replicas of one service: used in turn, unavailable ones last. */
export class Replicas {
  readonly all: readonly Replica[];
  readonly answerMs: number;
  private next = 0;

  constructor(urls: readonly string[], patience: Patience = {}) {
    const { connectMs = 2_000, answerMs = 10_000, silenceMs = 30_000 } = patience;
    this.answerMs = answerMs;
    this.all = urls.map((url) => ({
      url,
      away: false,
      pool: new Pool(url, {
        connect: { timeout: connectMs },
        headersTimeout: answerMs,
        bodyTimeout: silenceMs,
        // Ignores the service's keep-alive hint: a stopping service serves for longer, so no connection in use is cut.
        keepAliveTimeout: longestIdle,
        keepAliveMaxTimeout: longestIdle,
      }),
    }));
  }

  /** Every replica once, in the order in which to try them. */
  inTurn(): readonly Replica[] {
    if (this.all.length === 1) return this.all;
    const start = this.next;
    this.next = (start + 1) % this.all.length;
    const turn = [...this.all.slice(start), ...this.all.slice(0, start)];
    return [...turn.filter(({ away }) => !away), ...turn.filter(({ away }) => away)];
  }

  /** Cuts all open connections. */
  async close(): Promise<void> {
    await Promise.all(this.all.map(({ pool }) => pool.destroy()));
  }
}
