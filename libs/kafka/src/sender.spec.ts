import { describe, expect, it } from '@jest/globals';
import { type NewRecord, type RecordProducer, RecordsRefused } from './client/kafka-client.ts';
import { Sender, type Sending, sendWhileWanted } from './sender.ts';

/** A producer whose sends the test ends. */
class HeldProducer implements RecordProducer {
  readonly sends: { readonly records: readonly NewRecord[]; end(error?: Error): void }[] = [];
  closed = 0;

  send(records: readonly NewRecord[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.sends.push({ records, end: (error) => (error ? reject(error) : resolve()) });
    });
  }

  async close(): Promise<void> {
    this.closed += 1;
  }

  /** The bodies of the nth send, when it is under way. */
  async bodies(nth: number): Promise<readonly string[]> {
    while (!this.sends[nth]) await new Promise((resolve) => setImmediate(resolve));
    return this.sends[nth].records.map(({ value }) => value);
  }
}

function scene(patienceMs = 60_000) {
  const producer = new HeldProducer();
  const told: string[] = [];
  const troubles: string[] = [];
  const onTrouble = (error: Error): void => void troubles.push(error.message);
  const sender = new Sender({ producer, patienceMs, onTrouble });
  const record = (value: string, partition: number): Sending => ({
    record: { topic: 'topic', partition, value, key: value, headers: {}, timestamp: 0 },
    settled: (error) => void told.push(`${value} ${error ? error.message : 'ok'}`),
  });
  const take = (...names: readonly string[]): void =>
    sender.take(names.map((name) => record(name, Number(name[0]))));
  const until = async (count: number): Promise<readonly string[]> => {
    while (told.length < count) await new Promise((resolve) => setImmediate(resolve));
    return told;
  };
  return { producer, sender, take, told, until, troubles, record };
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

  it('fails what is queued behind a record that failed, on its partition alone', async () => {
    const { producer, take, until } = scene();
    take('1a');
    await producer.bodies(0);
    take('1b', '2c');
    producer.sends[0]?.end(new Error('cut'));
    expect(await until(2)).toEqual(['1a cut', '1b cut']);
    expect(await producer.bodies(1)).toEqual(['2c']);
  });

  it('finds the partition that is refused, and the others are confirmed', async () => {
    const { producer, take, until } = scene();
    take('1a', '2b', '1c', '3d');
    await producer.bodies(0);
    const refused = new RecordsRefused(new Error('not the leader'));
    producer.sends[0]?.end(refused);
    expect(await producer.bodies(1)).toEqual(['1a', '1c']);
    producer.sends[1]?.end();
    expect(await producer.bodies(2)).toEqual(['2b']);
    producer.sends[2]?.end(refused);
    expect(await producer.bodies(3)).toEqual(['3d']);
    producer.sends[3]?.end();
    expect(await until(4)).toEqual(['1a ok', '1c ok', `2b ${refused.message}`, '3d ok']);
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

describe('a record that is sent while it is wanted', () => {
  const refusal = (topicIsGone = false) => new RecordsRefused(new Error('no leader'), topicIsGone);
  const refusing = (...errors: readonly (Error | undefined)[]) => {
    const left = [...errors];
    const take = ([sending]: readonly Sending[]): void => sending?.settled(left.shift());
    const { record } = scene().record('1a', 1);
    return { left, send: (isWanted = () => true) => sendWhileWanted({ take }, record, isWanted) };
  };

  it('is sent again when Kafka refused it', async () => {
    const { send, left } = refusing(refusal(), undefined);
    await send();
    expect(left).toEqual([]);
  });

  it.each([
    ['it is wanted no longer', refusal(), () => false],
    ['its topic is gone', refusal(true), () => true],
    ['nobody knows whether Kafka has it', new Error('cut'), () => true],
  ])('fails with its error when %s', async (_, error, isWanted) => {
    const { send, left } = refusing(error, undefined);
    await expect(send(isWanted)).rejects.toBe(error);
    expect(left).toEqual([undefined]);
  });
});
