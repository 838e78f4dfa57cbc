import {
  BrokerAway,
  type Clock,
  gatherWrites,
  InvalidBrokerSetting,
  systemClock,
} from '@waybill/messaging';
import { Redis } from 'ioredis';
import { addressFrom, type RedisAddress } from './redis-address.ts';
import { explained } from './redis-errors.ts';
import { knobsOf, type RedisOptions } from './redis-options.ts';

/** The purpose of a connection, as shown in `CLIENT LIST` and in reports. */
export type LinkRole = 'publisher' | 'subscriber' | 'commands';

export type LinkState = 'idle' | 'connecting' | 'connected' | 'closed';

const lookEvery = 2_000;
const longestPause = 1_000;
const longestEnd = 1_000;

const ignore = (): void => undefined;

/**
 * One connection that is restored without limit. It counts as connected once Redis has answered a ping; one every two
 * seconds detects half-open connections. Commands fail at once while it is down, and are never queued.
 */
export class RedisLink {
  readonly redis: Redis;
  readonly place: string;
  private current: LinkState = 'idle';
  private failures = 0;
  private latest: InvalidBrokerSetting | BrokerAway | null = null;
  private told: string | null = null;
  /** The server accepted this connection, but not its user. */
  private refused = false;
  private stopLooking: () => void = () => {};
  private readonly clock: Clock;
  private readonly changed = new Set<() => void>();

  /** Throws `InvalidBrokerSetting` for a URL or a file that cannot be read. */
  constructor(
    private readonly options: RedisOptions,
    private readonly role: LinkRole,
    private readonly connected: () => void = () => {},
  ) {
    this.clock = options.clock ?? systemClock;
    const address = addressFrom(options.url, options.caFile);
    this.place = address.place;
    this.redis = this.client(address);
    this.redis.on('connect', () => gatherWrites(this.redis.stream));
    this.redis.on('ready', () => void this.prove());
    this.redis.on('connecting', () => {
      this.refused = false;
      setImmediate(() => this.calm());
    });
    this.redis.on('error', (error: Error) => {
      this.calm();
      this.failed(error);
    });
    this.redis.on('close', () => this.broke());
    this.redis.on('end', () => this.ended());
  }

  get state(): LinkState {
    return this.current;
  }

  /** Starts to connect; no effect if it has started. */
  open(): void {
    if (this.current !== 'idle') return;
    this.become('connecting');
    this.connect();
    this.lookLater();
  }

  /**
   * Resolves once it is connected. Rejects with `InvalidBrokerSetting` as soon as a retry is pointless, and with
   * `BrokerAway` after `within` milliseconds.
   */
  async whenConnected(within: number): Promise<void> {
    this.open();
    let patient = true;
    const forget = this.clock.after(within, () => {
      patient = false;
      this.tellChange();
    });
    try {
      while (this.current !== 'connected') {
        if (this.current === 'closed')
          throw new BrokerAway('REDIS_URL', 'the connection was closed');
        if (this.latest instanceof InvalidBrokerSetting) throw this.latest;
        if (!patient)
          throw this.latest ?? new BrokerAway('REDIS_URL', `${this.place} does not answer in time`);
        await new Promise<void>((resolve) => this.changed.add(resolve));
      }
    } finally {
      forget();
    }
  }

  /** Replaces the connection with a new one; no effect while there is none. */
  reset(): void {
    // While it connects, the client would treat this as its end.
    if (this.current !== 'closed' && this.redis.status === 'ready') this.redis.disconnect(true);
  }

  /** Closes it permanently; resolves when the socket is closed. */
  async close(): Promise<void> {
    const wasOpen = ['connecting', 'connect', 'ready', 'disconnecting'].includes(this.redis.status);
    this.stopLooking();
    this.become('closed');
    const ended = new Promise<void>((resolve) => {
      this.redis.once('end', () => resolve());
      this.clock.after(longestEnd, resolve);
    });
    this.redis.disconnect();
    if (wasOpen) await ended;
  }

  private client({ client }: RedisAddress): Redis {
    return new Redis({
      ...client,
      lazyConnect: true,
      connectTimeout: 2_000,
      disconnectTimeout: 200,
      keepAlive: 10_000,
      commandTimeout: knobsOf(this.options).commandMs,
      // Commands that cannot be sent fail at once, and those without a response are not resent when the connection breaks.
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      autoResubscribe: false,
      enableReadyCheck: false,
      disableClientInfo: true,
      retryStrategy: () => this.pause(),
    });
  }

  private pause(): number {
    this.failures += 1;
    const pause = Math.min(longestPause, 25 * 2 ** Math.min(this.failures, 10));
    return Math.round(pause * (0.8 + Math.random() * 0.2));
  }

  /** The client reports a connection as ready before the response to its password. */
  private async prove(): Promise<void> {
    try {
      this.tellName();
      await this.redis.ping();
      // If Redis also allows the default user, the ping succeeds anyway.
      if (this.refused) return;
    } catch (error) {
      this.failed(error as Error);
      this.reset();
      return;
    }
    if (this.current === 'closed') return;
    this.failures = 0;
    this.latest = null;
    this.told = null;
    this.become('connected');
    this.connected();
  }

  /**
   * For `CLIENT LIST`; a user may lack the permission. The client's own option is not used: with it, a connection that
   * ends before the response counts as ready forever and is never reopened.
   */
  private tellName(): void {
    const { service, instance } = this.options;
    const name = [service, instance, this.role].filter(Boolean).join('.');
    this.redis.client('SETNAME', name).catch(() => undefined);
  }

  /** The client handles only the first error of a socket; with TLS, a second one may follow, and would end the process. */
  private calm(): void {
    const { stream } = this.redis;
    if (stream && !stream.listeners('error').includes(ignore)) stream.on('error', ignore);
  }

  private failed(error: Error): void {
    if (this.current === 'closed') return;
    const reason = explained(error, this.place);
    this.refused ||= reason instanceof InvalidBrokerSetting;
    // A rejected password is followed by the end of the connection, whose error is less specific.
    if (!(this.latest instanceof InvalidBrokerSetting)) this.latest = reason;
    this.tellChange();
    if (this.told !== null) return;
    this.told = reason.message;
    this.options.onTrouble?.(`redis ${this.role}`, reason);
  }

  private broke(): void {
    if (this.current !== 'connected') return;
    this.become('connecting');
    this.failed(new Error('the connection broke'));
  }

  /** The client stops reconnecting in some cases; this does not. */
  private ended(): void {
    if (this.current === 'closed') return;
    this.become('connecting');
    this.clock.after(this.pause(), () => {
      if (this.current === 'connecting' && this.redis.status === 'end') this.connect();
    });
  }

  private connect(): void {
    this.redis.connect().catch((error: Error) => this.failed(error));
  }

  private lookLater(): void {
    this.stopLooking = this.clock.after(lookEvery, () => void this.look());
  }

  private async look(): Promise<void> {
    try {
      if (this.current === 'connected') await this.redis.ping();
    } catch (error) {
      this.failed(error as Error);
      this.reset();
    }
    if (this.current !== 'closed') this.lookLater();
  }

  private become(state: LinkState): void {
    this.current = state;
    this.tellChange();
  }

  private tellChange(): void {
    const waiting = [...this.changed];
    this.changed.clear();
    for (const resolve of waiting) resolve();
  }
}
