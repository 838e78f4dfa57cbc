import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { ServerMessage } from '@waybill/contracts/socket';
import { CLOCK, type Clock } from '@waybill/messaging';
import { type HealthReport, LOGGER, type Log } from '@waybill/observability';
import type { News } from './domain/directory.ts';
import { PEER_LINK, type PeerLink } from './peer-link.ts';

/** Milliseconds between the signs of life of a gateway, and without one until its clients count as gone. */
const beatEvery = 1_000;
const lease = 5_000;
const limits = { degraded: 3_000, unhealthy: 86_400_000 };

/** Who gets a message: the others of a room, one client, one user, or everybody else. */
export type Audience =
  | { readonly room: string; readonly except: string }
  | { readonly client: string }
  | { readonly user: string }
  | { readonly everybodyExcept: string };

/** A message on its way to clients of any gateway. */
export interface Delivery {
  readonly to: Audience;
  readonly message: ServerMessage;
}

/** The gateway that has peers. */
export interface PeerHost {
  readonly gateway: string;
  /** Everything about its own clients. */
  state(): readonly News[];
  /** Takes what another tells of its clients: all of them, or what is new. */
  take(gateway: string, news: readonly News[], isWhole: boolean): void;
  deliverHere(delivery: Delivery): void;
}

/** `seq` counts the news of a gateway, so that others notice when they missed some. */
type Telling = { readonly from: string } & (
  | { readonly kind: 'news'; readonly seq: number; readonly news: News }
  | { readonly kind: 'state'; readonly seq: number; readonly state: readonly News[] }
  | { readonly kind: 'beat'; readonly seq: number }
  | { readonly kind: 'deliver'; readonly delivery: Delivery }
  | { readonly kind: 'hello'; readonly to: string | null }
  | { readonly kind: 'bye' }
);
type Untold<T> = T extends unknown ? Omit<T, 'from'> : never;

interface Peer {
  /** The last news that was taken; null until the first state. */
  seq: number | null;
  leftAt: number;
}

/**
 * The other gateways: each has the clients of all. Who misses news of a gateway requests its state; a gateway that is silent for five
 * seconds is gone with its clients. While nothing can be exchanged, each goes on alone.
 */
@Injectable()
export class Peers implements OnApplicationShutdown {
  private readonly peers = new Map<string, Peer>();
  private host: PeerHost | null = null;
  private seq = 0;
  private ownBeatAt: number;
  private forgetBeat: () => void = () => {};

  constructor(
    @Inject(PEER_LINK) private readonly link: PeerLink | null,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly log: Log,
  ) {
    this.ownBeatAt = this.now();
  }

  /** Begins to exchange what happens; without a link there are no others. */
  open(host: PeerHost): void {
    if (!this.link) return;
    this.host = host;
    this.ownBeatAt = this.now();
    this.link.open({
      message: (text) => this.receive(text),
      subscribed: () => this.publish({ kind: 'hello', to: null }),
    });
    this.beat();
  }

  async onApplicationShutdown(): Promise<void> {
    this.forgetBeat();
    await this.publish({ kind: 'bye' });
    await this.link?.close();
  }

  /** Tells the others what is new about the clients of this gateway. */
  tell(news: News): void {
    this.seq += 1;
    void this.publish({ kind: 'news', seq: this.seq, news });
  }

  /** Lets the others deliver a message to their clients. */
  deliver(delivery: Delivery): void {
    void this.publish({ kind: 'deliver', delivery });
  }

  /** A report while the others cannot be reached; else none. */
  troubles(): readonly HealthReport[] {
    const value = this.link && this.host ? this.now() - this.ownBeatAt : 0;
    if (value < limits.degraded) return [];
    const status = value < limits.unhealthy ? 'degraded' : 'unhealthy';
    const unit = 'ms since gateways shared rooms';
    const check = { name: 'shared-rooms', status, value, threshold: limits, unit } as const;
    return [{ service: 'gateway', status, checks: [{ ...check, durationMs: 0 }] }];
  }

  private beat(): void {
    for (const [gateway, { leftAt }] of this.peers) if (leftAt <= this.now()) this.forget(gateway);
    void this.publish({ kind: 'beat', seq: this.seq });
    this.forgetBeat = this.clock.after(beatEvery, () => this.beat());
  }

  private async publish(telling: Untold<Telling>): Promise<void> {
    if (!this.link || !this.host) return;
    const text = JSON.stringify({ from: this.host.gateway, ...telling });
    // The others notice by `seq`, and `troubles` that it goes on.
    await this.link.publish(text).catch(() => undefined);
  }

  private receive(text: string): void {
    try {
      const telling = JSON.parse(text) as Telling;
      if (telling.from !== this.host?.gateway) this.take(telling);
      else if (telling.kind === 'beat') this.ownBeatAt = this.now();
    } catch (error) {
      this.log.warn({ error }, 'what another gateway told cannot be read');
    }
  }

  private take(telling: Telling): void {
    const { from } = telling;
    if (telling.kind === 'bye') this.forget(from);
    else {
      const peer = this.peers.get(from) ?? { seq: null, leftAt: 0 };
      this.peers.set(from, peer);
      peer.leftAt = this.now() + lease;
      if (telling.kind === 'deliver') this.host?.deliverHere(telling.delivery);
      else if (telling.kind === 'hello') this.greet(telling.to);
      else this.learn(peer, telling);
    }
  }

  /** A gap in the news of a peer is closed by its whole state. */
  private learn(peer: Peer, telling: Extract<Telling, { readonly seq: number }>): void {
    const { from, kind, seq } = telling;
    const isNext = kind === 'state' || (kind === 'news' && peer.seq === seq - 1);
    if (isNext) {
      peer.seq = seq;
      this.host?.take(from, kind === 'state' ? telling.state : [telling.news], kind === 'state');
    } else if (peer.seq !== seq) void this.publish({ kind: 'hello', to: from });
  }

  private greet(to: string | null): void {
    if (!this.host || (to !== null && to !== this.host.gateway)) return;
    void this.publish({ kind: 'state', seq: this.seq, state: this.host.state() });
  }

  private forget(gateway: string): void {
    this.peers.delete(gateway);
    this.host?.take(gateway, [], true);
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}
