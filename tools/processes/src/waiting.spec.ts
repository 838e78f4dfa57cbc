import { expect, it } from '@jest/globals';
import { Waiting } from './waiting.ts';

const away = () => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
const failing = (times: number, error: () => Error) => {
  let left = times;
  return async (): Promise<void> => {
    left -= 1;
    if (left >= 0) throw error();
  };
};

it('waits for what is not up yet, and tells of it', async () => {
  const output: string[] = [];
  const waiting = new Waiting((line) => output.push(line), 'Is the stack up?');

  await waiting.whenUp(failing(1, away));

  expect(output).toEqual(['waiting: connect ECONNREFUSED', 'Is the stack up?']);
});

it('waits no longer than it may, and for nothing that waiting does not mend', async () => {
  const impatient = new Waiting(() => undefined, undefined, 0);
  const patient = new Waiting(() => undefined);

  await expect(impatient.whenUp(failing(1, away))).rejects.toThrow('ECONNREFUSED');
  await expect(patient.whenUp(failing(1, () => new Error('wrong password')))).rejects.toThrow(
    'wrong password',
  );
});
