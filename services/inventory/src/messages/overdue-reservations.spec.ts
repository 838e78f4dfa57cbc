import { describe, expect, it } from '@jest/globals';
import type { Message } from '@waybill/contracts';
import { Submitter } from '@waybill/messaging';
import { HandClock } from '@waybill/messaging/testing';
import { createLog } from '@waybill/observability';
import { inventoryConfig } from '../inventory.config.ts';
import type { StockRepository } from '../storage/stock.repository.ts';
import { OverdueReservations } from './overdue-reservations.ts';

const orderId = '019a0000-0000-7000-8000-000000000001';

class Submissions extends Submitter {
  readonly types: string[] = [];

  submit<A>({ contract }: Message): Promise<A> {
    this.types.push(contract.type);
    return Promise.resolve(undefined as A);
  }
}

function scene(overdue: () => Promise<string[]>) {
  const clock = new HandClock();
  const submissions = new Submissions();
  const lines: string[] = [];
  const poller = new OverdueReservations(
    { overdue } as unknown as StockRepository,
    submissions,
    clock,
    inventoryConfig.parse({}),
    createLog({ service: 'inventory', level: 'info', write: (line) => lines.push(line) }),
  );
  const pass = async (ms: number) => {
    clock.advance(ms);
    for (let turn = 0; turn < 10; turn += 1) await new Promise((next) => setImmediate(next));
  };
  return { poller, submissions, lines, pass };
}

describe('the search for overdue reservations', () => {
  it('looks every half minute, and has each found one ask its order', async () => {
    const { poller, submissions, pass } = scene(async () => [orderId]);

    poller.onApplicationBootstrap();
    await pass(29_999);
    expect(submissions.types).toEqual([]);
    await pass(1);
    await pass(30_000);

    expect(submissions.types).toEqual(['inventory.review-overdue', 'inventory.review-overdue']);
  });

  it('goes on when the database is away for a while', async () => {
    let failures = 2;
    const { poller, submissions, lines, pass } = scene(async () => {
      failures -= 1;
      if (failures >= 0) throw new Error('connect ECONNREFUSED');
      return [orderId];
    });

    poller.onApplicationBootstrap();
    for (let i = 0; i < 3; i += 1) await pass(30_000);

    expect(lines.filter((line) => line.includes('will retry'))).toHaveLength(2);
    expect(submissions.types).toHaveLength(1);
  });

  it('ends with the service', async () => {
    const { poller, submissions, pass } = scene(async () => [orderId]);

    poller.onApplicationBootstrap();
    poller.onApplicationShutdown();
    await pass(300_000);

    expect(submissions.types).toEqual([]);
  });
});
