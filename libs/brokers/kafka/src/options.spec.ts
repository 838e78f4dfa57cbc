import { describe, expect, it } from '@jest/globals';
import { withSetting } from './connection-error.ts';
import { kafkaBroker } from './kafka-broker.ts';
import type { KafkaBrokerOptions } from './options.ts';

const options: KafkaBrokerOptions = { service: 'shop', brokers: 'one:9092, two:9092' };

describe('the settings of the Kafka adapter', () => {
  it('are taken, and nothing is connected yet', async () => {
    const broker = kafkaBroker({ ...options, sessionMs: 10_000, brokers: ['[::1]:9092'] });
    expect(broker.state()).toBe('connecting');
    await broker.close();
    expect(broker.state()).toBe('closed');
  });

  it.each(['', 'host', 'host:port', 'user:secret@host:9092', 'kafka://host:9092', 'a:1,,b:2'])(
    'are refused with the address %j, which is not shown',
    (brokers) => {
      const make = () => kafkaBroker({ ...options, brokers });
      expect(make).toThrow('KAFKA_BROKERS is not a list such as host:9092,other:9092');
    },
  );

  it('are refused without any address', () => {
    const { service } = options;
    expect(() => kafkaBroker({ service } as KafkaBrokerOptions)).toThrow('KAFKA_BROKERS');
  });

  it.each([
    [{ sessionMs: 5_999 }, 'sessionMs is 5999, but must be a whole number from 6000 to 300000'],
    [{ heartbeatMs: 2_001 }, 'heartbeatMs is 2001, but must be a whole number from 100 to 2000'],
    [{ inFlight: 6 }, 'inFlight'],
    [{ requestMs: 0 }, 'requestMs'],
    [{ fetchWaitMs: 1.5 }, 'fetchWaitMs'],
    [{ commitMs: Number.NaN }, 'commitMs'],
    [{ compressFrom: -1 }, 'compressFrom'],
    [{ drainMs: -1 }, 'drainMs'],
    [{ partitions: 0 }, 'partitions'],
  ])('are refused out of bounds: %j', (wrong, message) => {
    expect(() => kafkaBroker({ ...options, ...wrong })).toThrow(message);
  });
});

describe('an error of the connection', () => {
  const secret = { ...options, username: 'shop', password: 'p4ss word' };
  const named = (name: string, message: string) => Object.assign(new Error(message), { name });

  it('names the user and its settings when the password is wrong, and never the password', () => {
    const error = named('KafkaJSSASLAuthenticationError', 'SASL PLAIN failed for p4ss word');
    const { message } = withSetting(error, secret);
    expect(message).toContain('user shop');
    expect(message).toContain('KAFKA_PASSWORD');
    expect(message).not.toContain('p4ss word');
    expect(message).not.toContain('\n');
  });

  it('names the addresses and their setting when nobody answers', () => {
    const error = named('KafkaJSConnectionError', 'Connection error: connect\n ECONNREFUSED');
    const { message } = withSetting(error, options);
    expect(message).toBe(
      'no Kafka answers at one:9092, two:9092: look at KAFKA_BROKERS (and KAFKA_TLS) (Connection error: connect ECONNREFUSED)',
    );
  });

  it('is left alone when it is none', () => {
    const error = new TypeError('group a has 4 partitions, and that number never changes: 5');
    expect(withSetting(error, options)).toBe(error);
  });
});
