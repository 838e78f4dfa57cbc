import { readFileSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { BrokerAway, BrokerClosed, gatherWrites, InvalidBrokerSetting } from '@waybill/messaging';
import { type Channel, type ChannelModel, type ConfirmChannel, connect } from 'amqplib';
import { explained } from './rabbitmq-errors.ts';
import type { Settings } from './rabbitmq-options.ts';

/** Listens to the state of a connection. */
export interface LinkListener {
  /** The connection is back, or no longer blocked. Not called for the first connection, which its caller awaits. */
  up(): void;
  /** The connection is lost, and with it all its channels. */
  down(error: Error): void;
}

const heartbeatSeconds = 5;
const connectTimeout = 5_000;
/** How often work is attempted when the connection breaks during it. */
const patience = 6;
const backOff = { first: 100, most: 5_000 };

/**
 * One connection to RabbitMQ, restored without limit once it was established. The first attempt is not repeated, so a
 * wrong setting fails at once.
 */
export class Link {
  private model: ChannelModel | null = null;
  private ending: ChannelModel | null = null;
  private opening: Promise<ChannelModel> | null = null;
  private readonly listeners = new Set<LinkListener>();
  private wasUp = false;
  private closed = false;
  private blocking: string | null = null;
  private failures = 0;
  private losses = 0;

  constructor(
    private readonly role: string,
    private readonly settings: Settings,
  ) {}

  /** Why RabbitMQ blocks publishing, or null. */
  get blocked(): string | null {
    return this.blocking;
  }

  get state(): 'connected' | 'connecting' | 'blocked' | 'closed' {
    if (this.closed) return 'closed';
    if (!this.model) return 'connecting';
    return this.blocking === null ? 'connected' : 'blocked';
  }

  listen(listener: LinkListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Resolves with the connection and opens it if needed; rejects with a one-line error when that fails. */
  async open(): Promise<ChannelModel> {
    if (this.closed) throw new BrokerClosed('rabbitmq');
    if (this.model) return this.model;
    this.opening ??= this.connect().finally(() => {
      this.opening = null;
    });
    return this.opening;
  }

  /** A channel whose errors never end the process; they are reported to `onTrouble`. */
  async channel(): Promise<Channel> {
    return this.guarded(await this.quietChannel());
  }

  /** As `channel`, for steps that reject on each failure, so it is not reported elsewhere. */
  async quietChannel(): Promise<Channel> {
    const channel = await (await this.open()).createChannel();
    channel.on('error', () => undefined);
    return channel;
  }

  async confirmChannel(): Promise<ConfirmChannel> {
    return this.guarded(await (await this.open()).createConfirmChannel());
  }

  /** Retries work when the connection breaks during it; other failures are thrown at once. */
  async patiently<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const { losses } = this;
      try {
        return await work();
      } catch (error) {
        const broke = this.losses !== losses || (error instanceof BrokerAway && this.wasUp);
        if (!broke || this.closed || attempt === patience) throw error;
        await new Promise((resolve) => setTimeout(resolve, backOff.first * 2 ** attempt));
      }
    }
  }

  /** Drops the connection as if the network had failed; it is reopened. */
  drop(error: Error): void {
    const { model } = this;
    if (!model) return;
    destroy(model, error);
    this.lost(model, error);
  }

  async close(): Promise<void> {
    this.closed = true;
    const model = this.model;
    this.model = null;
    this.ending = model;
    await model?.close().catch(() => undefined);
  }

  /** Ends the connection at once, without a handshake, for a server that does not respond; pending calls fail. */
  sever(): void {
    this.closed = true;
    const model = this.model ?? this.ending;
    this.model = null;
    if (model) destroy(model, new BrokerClosed('rabbitmq'));
  }

  private guarded<C extends Channel>(channel: C): C {
    channel.on('error', (error) => this.settings.onTrouble(`a channel for ${this.role}`, error));
    return channel;
  }

  private async connect(): Promise<ChannelModel> {
    let model: ChannelModel;
    try {
      model = await connect(this.urlWithHeartbeat(), {
        noDelay: true,
        keepAlive: true,
        timeout: connectTimeout,
        clientProperties: {
          connection_name: `${this.settings.service} ${this.settings.instance} (${this.role})`,
        },
        ...(this.settings.caFile ? { ca: [this.authority(this.settings.caFile)] } : {}),
      });
    } catch (error) {
      throw error instanceof InvalidBrokerSetting ? error : explained(error, this.settings.url);
    }
    if (this.closed) {
      await model.close().catch(() => undefined);
      throw new BrokerClosed('rabbitmq');
    }
    this.adopt(model);
    return model;
  }

  private adopt(model: ChannelModel): void {
    const back = this.wasUp;
    gatherWrites(streamOf(model));
    this.model = model;
    this.wasUp = true;
    this.failures = 0;
    this.blocking = null;
    let cause = new Error('the connection was closed');
    model.on('error', (error) => {
      cause = error;
    });
    model.on('close', () => this.lost(model, cause));
    model.on('blocked', (reason) => {
      this.blocking = String(reason);
      this.settings.onTrouble(`blocked: ${reason}`, new Error(String(reason)));
    });
    model.on('unblocked', () => {
      this.blocking = null;
      for (const listener of [...this.listeners]) listener.up();
    });
    if (back) for (const listener of [...this.listeners]) listener.up();
  }

  private lost(model: ChannelModel, cause: Error): void {
    if (this.model !== model) return;
    this.model = null;
    this.losses += 1;
    this.blocking = null;
    const error = new BrokerAway(
      'RABBITMQ_URL',
      `the connection for ${this.role} broke (${cause.message.split('\n')[0]})`,
    );
    for (const listener of [...this.listeners]) listener.down(error);
    if (this.closed) return;
    this.settings.onTrouble(`the connection for ${this.role} broke`, error);
    this.reconnectLater();
  }

  private reconnectLater(): void {
    const wait =
      Math.min(backOff.most, backOff.first * 2 ** this.failures) * (0.5 + Math.random() / 2);
    this.failures += 1;
    setTimeout(() => {
      if (this.closed || this.model) return;
      this.open().catch((error: Error) => {
        if (this.closed || !this.wasUp) return;
        this.settings.onTrouble(`the connection for ${this.role} does not come back`, error);
        this.reconnectLater();
      });
    }, wait).unref();
  }

  private urlWithHeartbeat(): string {
    let url: URL;
    try {
      url = new URL(this.settings.url);
    } catch {
      throw new InvalidBrokerSetting(
        'RABBITMQ_URL',
        'is no URL such as amqp://user:password@host:5672',
      );
    }
    if (!/^amqps?:$/.test(url.protocol))
      throw new InvalidBrokerSetting(
        'RABBITMQ_URL',
        `begins with ${url.protocol}// instead of amqp:// or amqps://`,
      );
    if (!url.searchParams.has('heartbeat'))
      url.searchParams.set('heartbeat', String(heartbeatSeconds));
    return url.href;
  }

  private authority(file: string): Buffer {
    try {
      return readFileSync(file);
    } catch (error) {
      throw new InvalidBrokerSetting(
        'RABBITMQ_CA_FILE',
        `cannot be read: ${(error as NodeJS.ErrnoException).code}`,
      );
    }
  }
}

function destroy(model: ChannelModel, error: Error): void {
  streamOf(model).destroy(error);
}

const streamOf = (model: ChannelModel): Duplex =>
  (model.connection as unknown as { readonly stream: Duplex }).stream;
