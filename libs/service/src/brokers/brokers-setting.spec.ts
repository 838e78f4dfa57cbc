import { describe, expect, it } from '@jest/globals';
import type { Contract } from '@waybill/contracts';
import { embeddedBroker } from '@waybill/embedded-broker';
import { type Broker, type Guarantees, type RequestBroker } from '@waybill/messaging';
import { type BrokerMakers, brokersFrom } from './brokers-setting.ts';

const full = embeddedBroker().guarantees;

/** A broker with the given name and guarantees. */
const namedBroker = (name: string, guarantees: Partial<Guarantees> = {}): Broker =>
  Object.assign(embeddedBroker(), {
    name: name as 'embedded',
    guarantees: { ...full, ...guarantees },
  });

const makers: BrokerMakers = {
  embedded: () => embeddedBroker(),
  kafka: () => namedBroker('kafka', { requests: false }),
  rabbitmq: () => Object.assign(namedBroker('rabbitmq'), { state: () => 'connected' as const }),
  'sns-sqs': () => namedBroker('sns-sqs', { orderedPerKey: false }),
  redis: () => namedBroker('redis', { durable: false, orderedPerKey: false }),
};
const kinds = ['event', 'command', 'reply', 'task', 'announcement', 'activity', 'live'] as const;
const names = async (setting: string): Promise<Record<string, string>> => {
  const brokers = await brokersFrom(setting, makers);
  return Object.fromEntries(kinds.map((kind) => [kind, brokers.brokerFor(kind).name]));
};

describe('BROKERS', () => {
  it('puts every kind in the process', async () => {
    expect(new Set(Object.values(await names('embedded')))).toEqual(new Set(['embedded']));
    expect((await brokersFrom('embedded', makers)).all().length).toBe(1);
  });

  it('mixes the brokers of a deployed system', async () => {
    expect(await names('mixed')).toEqual({
      event: 'kafka',
      command: 'rabbitmq',
      reply: 'rabbitmq',
      task: 'rabbitmq',
      announcement: 'sns-sqs',
      activity: 'kafka',
      live: 'redis',
    });
  });

  it('puts on one broker what it can carry, and the rest where it is by default', async () => {
    expect(await names('rabbitmq')).toMatchObject({ event: 'rabbitmq', live: 'rabbitmq' });
    expect(await names('redis')).toMatchObject({
      event: 'kafka',
      command: 'rabbitmq',
      live: 'redis',
    });
    expect(await names('sns-sqs')).toMatchObject({
      event: 'kafka',
      task: 'sns-sqs',
      live: 'sns-sqs',
    });
  });

  it('puts single kinds on top of that, in any order', async () => {
    expect(await names('embedded, event:kafka')).toMatchObject({
      event: 'kafka',
      command: 'embedded',
    });
    expect(await names('event:kafka,embedded')).toMatchObject({
      event: 'kafka',
      command: 'embedded',
    });
    expect(await names('live:embedded')).toMatchObject({ event: 'kafka', live: 'embedded' });
  });

  it('makes each broker once, and only those that are needed', async () => {
    let made = 0;
    const counting = {
      ...makers,
      embedded: () => {
        made += 1;
        return embeddedBroker();
      },
    };
    expect((await brokersFrom('mixed', counting)).all().length).toBe(4);
    expect(made).toBe(0);
    await brokersFrom('embedded', counting);
    expect(made).toBe(1);
  });

  it('sends requests with the commands where their broker can, else where the process says, else nowhere', async () => {
    expect((await brokersFrom('mixed', makers)).requests?.name).toBe('rabbitmq');
    expect((await brokersFrom('kafka', makers)).requests).toBeNull();
    const inProcess = await brokersFrom('kafka', makers, () => embeddedBroker());
    expect(inProcess.requests?.name).toBe('embedded');
    expect(inProcess.all().map(({ name }) => name)).toEqual(['kafka']);
    await inProcess.close();
    const gone = inProcess.requests?.respond({} as Contract, async () => null);
    await expect(gone).rejects.toMatchObject({ code: 'broker_closed' });
    const apart = await brokersFrom('kafka,command:rabbitmq', makers, () => embeddedBroker());
    expect(apart.requests?.name).toBe('rabbitmq');
  });

  it('never sends a confidential request through a server', async () => {
    const confidential = { confidential: true };
    const brokerOf = async (setting: string, requests?: () => RequestBroker) =>
      (await brokersFrom(setting, makers, requests)).brokerOf(confidential)?.name;
    expect(await brokerOf('mixed')).toBeUndefined();
    expect(await brokerOf('mixed', () => embeddedBroker())).toBe('embedded');
    expect(await brokerOf('embedded')).toBe('embedded');
  });

  it.each([
    ['command:redis', 'redis cannot carry command, it lacks durable and orderedPerKey'],
    ['event:sns-sqs', 'sns-sqs cannot carry event, it lacks orderedPerKey'],
    ['nats', 'there is no broker "nats"'],
    ['', 'there is no broker ""'],
    ['event:nats', 'there is no broker "nats"'],
    ['saga:kafka', 'there is no kind "saga"'],
    ['request:kafka', 'there is no kind "request"'],
  ])('refuses %p and says why', (setting, reason) => {
    return expect(brokersFrom(setting, makers)).rejects.toThrow(`BROKERS=${setting}: ${reason}`);
  });

  it.each(['kafka', 'rabbitmq', 'sns-sqs', 'redis', 'mixed', 'event:kafka'])(
    'refuses %p in one line when only the embedded broker is there',
    (setting) => {
      const only = { embedded: () => embeddedBroker() };
      return expect(brokersFrom(setting, only)).rejects.toThrow(
        /^BROKERS=\S+: it needs \S+, but this release has only embedded; use BROKERS=embedded$/,
      );
    },
  );
});
