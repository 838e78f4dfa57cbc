import { describe, expect, it } from '@jest/globals';
import {
  type Broker,
  Brokers,
  type CarriedKind,
  carriedKinds,
  type Group,
  oneBroker,
} from '@waybill/messaging';
import { embeddedBroker } from './embedded-broker.ts';

/** A broker that records what was declared, and whether it was closed. */
function rememberingBroker(error?: Error) {
  const declared: string[] = [];
  const closed: string[] = [];
  const broker: Broker = Object.assign(embeddedBroker(), {
    declare: async (groups: readonly Group[]) => {
      declared.push(...groups.map(({ name }) => name));
    },
    close: async () => {
      closed.push('closed');
      if (error) throw error;
    },
  });
  return { broker, declared, closed };
}
const group = (name: string, kind: Group['kind']): Group => ({
  name,
  kind,
  partitions: 1,
  bindings: [],
});

/** Commands on one broker, all other kinds on another. */
const two = (commands: Broker, others: Broker): Brokers =>
  new Brokers(
    new Map(
      carriedKinds.map((kind): [CarriedKind, Broker] => [
        kind,
        kind === 'command' ? commands : others,
      ]),
    ),
  );

describe('the brokers of a process', () => {
  it('send local messages nowhere, and requests to no group', () => {
    const brokers = oneBroker(embeddedBroker());
    expect(() => brokers.brokerFor('request')).toThrow(
      'no broker carries messages of kind request',
    );
    expect(() => brokers.brokerFor('local')).toThrow('no broker carries messages of kind local');
  });

  it('declare each group on the broker of its kind', async () => {
    const [commands, others] = [rememberingBroker(), rememberingBroker()];
    const brokers = two(commands.broker, others.broker);
    await brokers.declare([group('payment', 'command'), group('analytics', 'event')]);
    expect([commands.declared, others.declared]).toEqual([['payment'], ['analytics']]);
  });

  it('all close, also when one of them fails to', async () => {
    const [commands, others] = [rememberingBroker(new Error('no answer')), rememberingBroker()];
    await expect(two(commands.broker, others.broker).close()).rejects.toThrow(
      'a broker did not close',
    );
    expect([commands.closed, others.closed]).toEqual([['closed'], ['closed']]);
  });

  it('may be one for everything', () => {
    const broker = embeddedBroker();
    expect(oneBroker(broker).all()).toEqual([broker]);
  });
});
