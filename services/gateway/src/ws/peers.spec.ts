import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { HandClock, until } from '@waybill/messaging/testing';
import type { Log } from '@waybill/observability';
import { Directory, type News } from './domain/directory.ts';
import type { PeerEvents, PeerLink } from './peer-link.ts';
import { type Delivery, type PeerHost, Peers } from './peers.ts';

/** Everybody receives what somebody publishes, unless it is away. */
class Bus {
  isAway = false;
  private readonly events: PeerEvents[] = [];

  link(): PeerLink {
    return {
      publish: async (text) => {
        if (this.isAway) throw new Error('away');
        for (const { message } of this.events) message(text);
      },
      open: (events) => {
        this.events.push(events);
        events.subscribed();
      },
      close: async () => undefined,
    };
  }
}

/** A gateway with a directory and nothing else. */
class Host implements PeerHost {
  readonly directory = new Directory();
  readonly delivered: Delivery[] = [];
  readonly peers: Peers;

  constructor(
    readonly gateway: string,
    bus: Bus,
    clock: HandClock,
  ) {
    this.peers = new Peers(bus.link(), clock, { warn: () => undefined } as unknown as Log);
    this.peers.open(this);
  }

  own(news: News): void {
    this.directory.apply(this.gateway, news);
    this.peers.tell(news);
  }

  state(): readonly News[] {
    return this.directory.stateOf(this.gateway);
  }

  take(gateway: string, news: readonly News[], isWhole: boolean): void {
    if (isWhole) this.directory.replace(gateway, news);
    else for (const each of news) this.directory.apply(gateway, each);
  }

  deliverHere(delivery: Delivery): void {
    this.delivered.push(delivery);
  }
}

const connected = (id: string): News => ({
  type: 'connected',
  client: { id, userId: id, role: 'customer' },
});

let clock: HandClock;
let bus: Bus;
let one: Host;
let other: Host;
beforeEach(() => {
  clock = new HandClock();
  bus = new Bus();
  one = new Host('one', bus, clock);
  one.own(connected('a'));
  other = new Host('other', bus, clock);
});
afterEach(() => Promise.all([one, other].map(({ peers }) => peers.onApplicationShutdown())));

const knows = (host: Host, ...ids: string[]) =>
  until(() => host.directory.size === ids.length && ids.every((id) => host.directory.client(id)));

it('gateways have the clients of each other, also those from before', async () => {
  other.own(connected('b'));
  await Promise.all([knows(one, 'a', 'b'), knows(other, 'a', 'b')]);
  one.own({ type: 'disconnected', clientId: 'a' });
  await knows(other, 'b');
});

it('each delivers what the other sends', () => {
  const delivery = { to: { client: 'a' }, message: { type: 'pong', at: '' } } as const;
  other.peers.deliver(delivery);
  expect([one.delivered, other.delivered]).toEqual([[delivery], []]);
});

it('a gateway that is silent is gone with its clients', async () => {
  await knows(other, 'a');
  one.peers.onApplicationShutdown = async () => undefined;
  Object.assign(one.peers, { beat: () => undefined });
  clock.advance(7_000);
  await knows(other);
});

it('while nothing is exchanged each goes on alone, which shows, and what was missed comes later', async () => {
  await knows(other, 'a');
  bus.isAway = true;
  one.own(connected('c'));
  clock.advance(6_000);
  await knows(other);
  expect(other.peers.troubles()).toMatchObject([
    { status: 'degraded', checks: [{ name: 'shared-rooms' }] },
  ]);
  bus.isAway = false;
  clock.advance(1_000);
  await knows(other, 'a', 'c');
  expect(other.peers.troubles()).toEqual([]);
});

it('what cannot be read does no harm', async () => {
  await bus.link().publish('{');
  one.own(connected('b'));
  await knows(other, 'a', 'b');
});
