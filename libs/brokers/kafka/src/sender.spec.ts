import { describe, expect, it } from '@jest/globals';
import { until as eventually } from '@waybill/messaging/testing';
import {
  type NewRecord,
  type RecordProducer,
  RecordsRefused,
  type Refusal,
} from './client/kafka-client.ts';
import { Sender, type Sending } from './sender.ts';

/** A producer whose sends end when the test ends them. */
class HeldProducer implements RecordProducer {
  readonly sends: {
    readonly records: readonly NewRecord[];
    end(error?: Error): void;
    /** Kafka responds, and rejects these partitions. */
    refuse(error: RecordsRefused, ...partitions: readonly number[]): void;
  }[] = [];
  closed = 0;

  send(records: readonly NewRecord[]): Promise<readonly Refusal[]> {
    return new Promise((resolve, reject) => {
      this.sends.push({
        records,
        end: (error) => (error ? reject(error) : resolve([])),
        refuse: (error, ...partitions) =>
          resolve(partitions.map((partition) => ({ topic: 'topic', partition, error }))),
      });
    });
  }

  async close(): Promise<void> {
    this.closed += 1;
  }

  /** The bodies of the nth send, once it is in progress. */
  async bodies(nth: number): Promise<readonly string[]> {
    await eventually(() => this.sends.length > nth);
    return this.sends[nth]?.records.map(({ value }) => String(value)) ?? [];
  }
}

const noLeader = new RecordsRefused(new Error('not the leader'), 6);
const topicIsGone = new RecordsRefused(new Error('no such topic'), 3);
const tooLarge = new RecordsRefused(new Error('too large'), 10);

function scene(patienceMs = 60_000, inFlight = 1) {
  const producer = new HeldProducer();
  const told: string[] = [];
  const troubles: string[] = [];
  const restored: string[] = [];
  const onTrouble = (error: Error): void => void troubles.push(error.message);
  const restore = async (topic: string): Promise<void> => void restored.push(topic);
  const sender = new Sender({ producer, patienceMs, inFlight, restore, onTrouble });
  const record = (value: string, partition: number): Sending => ({
    record: { topic: 'topic', partition, value, key: value, headers: {}, timestamp: 0 },
    settled: (error) => void told.push(`${value} ${error ? error.message : 'ok'}`),
  });
  const take = (...names: readonly string[]): void =>
    sender.take(names.map((name) => record(name, Number(name[0]))));
  const until = async (count: number): Promise<readonly string[]> => {
    await eventually(() => told.length >= count);
    return told;
  };
  return { producer, sender, take, told, until, troubles, restored, record };
}

describe('sending to partitions', () => {
  it('takes together what queued while the last send ran, and never sends twice at once', async () => {
    const { producer, take, until } = scene();
    take('1a');
    expect(await producer.bodies(0)).toEqual(['1a']);
    take('1b');
    take('2c', '1d');
    expect(producer.sends.length).toBe(1);
    producer.sends[0]?.end();
    expect(await producer.bodies(1)).toEqual(['1b', '2c', '1d']);
    producer.sends[1]?.end();
    expect(await until(4)).toEqual(['1a ok', '1b ok', '2c ok', '1d ok']);
  });

  it('sends at once to as many other partitions as may be in flight, and to each in order', async () => {
    const { producer, take, until } = scene(60_000, 2);
    take('1a');
    await producer.bodies(0);
    take('1b', '2c');
    expect(await producer.bodies(1)).toEqual(['2c']);
    take('3d');
    producer.sends[0]?.end(new Error('cut'));
    expect(await producer.bodies(2)).toEqual(['3d']);
    expect(await until(2)).toEqual(['1a cut', '1b cut']);
    take('1e', '2f');
    producer.sends[1]?.end();
    expect(await producer.bodies(3)).toEqual(['1e', '2f']);
  });

  it('fails what is queued behind a record that failed, on its partition alone', async () => {
    const { producer, take, until } = scene();
    take('1a');
    await producer.bodies(0);
    take('1b', '2c');
    producer.sends[0]?.end(new Error('cut'));
    expect(await until(2)).toEqual(['1a cut', '1b cut']);
    expect(await producer.bodies(1)).toEqual(['2c']);
  });

  it('finds the partition that is refused, where Kafka does not say which', async () => {
    const { producer, take, until } = scene();
    take('1a', '2b', '1c', '3d');
    await producer.bodies(0);
    producer.sends[0]?.end(tooLarge);
    expect(await producer.bodies(1)).toEqual(['1a', '1c']);
    producer.sends[1]?.end();
    expect(await producer.bodies(2)).toEqual(['2b']);
    producer.sends[2]?.end(tooLarge);
    expect(await producer.bodies(3)).toEqual(['3d']);
    producer.sends[3]?.end();
    expect(await until(4)).toEqual(['1a ok', '1c ok', `2b ${tooLarge.message}`, '3d ok']);
  });

  it('gives a send up that is not answered in time', async () => {
    const { producer, take, until } = scene(20);
    take('1a');
    expect(await until(1)).toEqual(['1a Kafka did not confirm within 20 ms']);
    expect(producer.closed).toBe(1);
  });

  it('keeps a batch of a partition small, and its order', async () => {
    const { producer, sender, record } = scene();
    const large = 'x'.repeat(300 * 1024);
    const names = ['1a', '1b', '1c', '2d'];
    sender.take(names.map((name) => record(`${name}${large}`, Number(name[0]))));
    const short = (bodies: readonly string[]) => bodies.map((body) => body.slice(0, 2));
    expect(short(await producer.bodies(0))).toEqual(['1a', '2d']);
    producer.sends[0]?.end();
    expect(short(await producer.bodies(1))).toEqual(['1b']);
    producer.sends[1]?.end();
    expect(short(await producer.bodies(2))).toEqual(['1c']);
  });

  it('tells of trouble once, until something succeeds', async () => {
    const { producer, take, until, troubles } = scene();
    for (const [n, error] of [new Error('cut'), new Error('cut'), undefined].entries()) {
      take(`1${n}`);
      await producer.bodies(n);
      producer.sends[n]?.end(error);
      await until(n + 1);
    }
    expect(troubles).toEqual(['cut']);
  });

  it('sends what is queued before it closes, and refuses what comes later', async () => {
    const { producer, sender, take, until } = scene();
    take('1a');
    const closed = sender.close(60_000);
    await producer.bodies(0);
    producer.sends[0]?.end();
    await closed;
    take('1b');
    expect(await until(2)).toEqual(['1a ok', '1b broker kafka is closed']);
  });

  it('closes in time when Kafka does not answer', async () => {
    const { producer, sender, take, until } = scene();
    take('1a');
    await producer.bodies(0);
    take('1b');
    await sender.close(10);
    expect(await until(1)).toEqual(['1b broker kafka is closed']);
  });
});

describe('what Kafka refuses for the moment', () => {
  it('is sent again alone, and what was stored is not', async () => {
    const { producer, take, until, troubles } = scene();
    take('1a', '2b', '1c');
    await producer.bodies(0);
    producer.sends[0]?.refuse(noLeader, 2);
    expect(await until(2)).toEqual(['1a ok', '1c ok']);
    expect(await producer.bodies(1)).toEqual(['2b']);
    producer.sends[1]?.end();
    expect(await until(3)).toEqual(['1a ok', '1c ok', '2b ok']);
    expect(troubles).toEqual([]);
  });

  it('goes before all that came for its partition meanwhile, and others do not wait', async () => {
    const { producer, take } = scene();
    take('1a', '1b');
    await producer.bodies(0);
    take('1c');
    producer.sends[0]?.end(noLeader);
    await new Promise((resolve) => setImmediate(resolve));
    take('2d', '1e');
    expect(await producer.bodies(1)).toEqual(['2d']);
    producer.sends[1]?.end();
    expect(await producer.bodies(2)).toEqual(['1a', '1b', '1c', '1e']);
  });

  it('fails when it is refused for too long, with all that is queued behind it', async () => {
    const { producer, take, until, troubles } = scene(50);
    take('1a');
    await producer.bodies(0);
    producer.sends[0]?.end(noLeader);
    await new Promise((resolve) => setImmediate(resolve));
    take('1b');
    expect(await producer.bodies(1)).toEqual(['1a', '1b']);
    take('1c');
    producer.sends[1]?.end(noLeader);
    expect(await until(3)).toEqual(['1a', '1b', '1c'].map((name) => `${name} ${noLeader.message}`));
    expect(troubles).toEqual([noLeader.message]);
  });

  it('has its topic made again when that is gone', async () => {
    const { producer, take, until, restored } = scene();
    take('1a');
    await producer.bodies(0);
    producer.sends[0]?.refuse(topicIsGone, 1);
    await producer.bodies(1);
    expect(restored).toEqual(['topic']);
    producer.sends[1]?.end();
    expect(await until(1)).toEqual(['1a ok']);
  });

  it('is not what Kafka will refuse again, nor what it may have', async () => {
    const { producer, take, until } = scene();
    const timedOut = new RecordsRefused(new Error('too few replicas have it'), 20);
    take('1a', '2b', '3c');
    await producer.bodies(0);
    producer.sends[0]?.refuse(tooLarge, 1);
    expect(await until(3)).toEqual([`1a ${tooLarge.message}`, '2b ok', '3c ok']);
    take('1d');
    await producer.bodies(1);
    producer.sends[1]?.refuse(timedOut, 1);
    expect((await until(4))[3]).toBe(`1d ${timedOut.message}`);
  });

  it('does not keep the sender from closing', async () => {
    const { producer, sender, take, until } = scene();
    take('1a');
    await producer.bodies(0);
    producer.sends[0]?.end(noLeader);
    await sender.close(10);
    expect(await until(1)).toEqual(['1a broker kafka is closed']);
  });
});
