import { expect, it } from '@jest/globals';
import { InvalidConfig } from '../config/read-settings.ts';
import { whenAble } from './when-able.ts';

const coded = (code: string, message = code) => Object.assign(new Error(message), { code });

/** A start that fails with each of `errors` once, and then succeeds. */
function attempts(...errors: readonly Error[]) {
  const left = [...errors];
  const lines: string[] = [];
  const stopping = new AbortController();
  const start = async (): Promise<string> => {
    const error = left.shift();
    if (error) throw error;
    return 'started';
  };
  const run = (patienceMs?: number) =>
    whenAble(start, { say: (line) => lines.push(line), stopped: stopping.signal, patienceMs });
  return { run, lines, left, stopping };
}

it('waits for a server that is away, and tells each reason once', async () => {
  const away = coded('ECONNREFUSED', 'nobody listens');
  const { run, lines } = attempts(away, away, coded('57P03', 'it starts up'));
  expect(await run()).toBe('started');
  expect(lines).toEqual(['waiting: nobody listens', 'waiting: it starts up']);
});

it('does not wait for a user who is refused', async () => {
  const { run, lines } = attempts(coded('28P01', 'wrong password'));
  await expect(run()).rejects.toThrow('wrong password');
  expect(lines).toEqual([]);
});

it('waits for a user or a database that somebody may be making, as long as it has patience', async () => {
  const { run, lines } = attempts(coded('28P01', 'wrong password'), coded('3D000', 'no database'));
  expect(await run(60_000)).toBe('started');
  expect(lines).toEqual(['waiting: wrong password', 'waiting: no database']);
  await expect(attempts(coded('28P01'), coded('28P01')).run(1)).rejects.toThrow('28P01');
});

it('has no patience with a setting that cannot be read', async () => {
  const { run } = attempts(new InvalidConfig('order', ['PORT is missing']));
  await expect(run(60_000)).rejects.toThrow('PORT is missing');
});

it('ends when nobody needs the start any more', async () => {
  const { run, left, stopping } = attempts(coded('ECONNREFUSED'), coded('ECONNREFUSED'));
  const running = run();
  stopping.abort();
  await expect(running).rejects.toMatchObject({ name: 'AbortError' });
  expect(left).toHaveLength(1);
});
