import { describe, expect, it } from '@jest/globals';
import { AuthorizePayment, newId, VoidPayment } from '@waybill/contracts';
import { runs } from '@waybill/messaging/testing';
import { FakeProvider } from '../testing/fake-provider.ts';
import { PaymentBench } from '../testing/payment-bench.ts';
import { SettleChallenge, TakeProviderEvent } from './payment.local.ts';

const orderId = '0198c0de-0000-7000-8000-000000000001';
const operationId = `${orderId}/authorize-payment`;
const amount = { amount: 1999, currency: 'EUR' };
const do_ = AuthorizePayment({ orderId, amount, method: 'card', token: 'tok_3ds' });
const all = ['do', 'the customer decides', 'undo', 'the time is up', 'a dispute'] as const;
type Step = (typeof all)[number];
const every = 120 / runs(40, 120);

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, i) =>
    permutations([...items.slice(0, i), ...items.slice(i + 1)]).map((rest) => [item, ...rest]),
  );
}

const orders = permutations(all).filter((_, i) => i % every === 0);

/** A payment whose customer must confirm it, and its provider, which sends webhooks or loses them. */
class World {
  readonly provider = new FakeProvider();
  readonly payment = new PaymentBench(this.provider);

  constructor(
    private readonly approves: boolean,
    private readonly webhooks: boolean,
  ) {}

  async happens(step: Step): Promise<void> {
    if (step === 'do') await this.payment.take(do_);
    else if (step === 'undo') await this.payment.take(VoidPayment({ orderId }));
    else if (step === 'a dispute') await this.tells('charge.disputed');
    else if (step === 'the customer decides') await this.decides();
    else {
      await this.payment.bench.pass(15 * 60_000);
      await this.queries();
    }
  }

  async queries(): Promise<void> {
    await this.payment.submit(SettleChallenge({ orderId }));
  }

  private async decides(): Promise<void> {
    this.provider.decide(operationId, this.approves);
    if (this.webhooks) await this.tells(this.approves ? 'charge.authorized' : 'charge.declined');
  }

  private async tells(type: 'charge.authorized' | 'charge.declined' | 'charge.disputed') {
    const told = { type, orderId, operationId, chargeId: 'ch_1', ...amount };
    const at = '2026-01-01T00:00:00.000Z';
    await this.payment.submit(TakeProviderEvent({ eventId: `evt_${newId()}`, at, ...told }));
  }
}

describe('a payment that its customer must confirm', () => {
  /** Whether payment learns of the decision before the undo and before the time is up; without a webhook it must ask. */
  function confirmedInTime(steps: readonly Step[], webhooks: boolean): boolean {
    const at = (step: Step) => steps.indexOf(step);
    const [asked, decided, undone, over] = [
      at('do'),
      at('the customer decides'),
      at('undo'),
      at('the time is up'),
    ] as const;
    const isInTime = asked < decided && decided < undone && (over < asked || decided < over);
    return isInTime && (webhooks || (decided < over && over < undone));
  }

  it.each([
    ['approves', true, true],
    ['approves, and the webhook is lost', true, false],
    ['declines', false, true],
    ['declines, and the webhook is lost', false, false],
  ])('ends once, whatever comes first, when the customer %s', async (_, approves, webhooks) => {
    for (const steps of orders) {
      const world = new World(approves, webhooks);
      await world.payment.start();
      for (const step of steps) await world.happens(step);
      await world.payment.take(do_);
      await world.queries();
      await world.payment.quiet();

      const { payment } = world;
      const answers = payment.replies().filter(({ type }) => /authorized|declined/.test(type));
      const isAuthorized = approves && confirmedInTime(steps, webhooks);
      const expected = isAuthorized ? 'payment-authorized' : 'payment-declined';
      expect([steps, answers[0]?.type]).toEqual([steps, expected]);
      expect(new Set(answers.map(({ type }) => type)).size).toBeLessThanOrEqual(2);
      expect([steps, world.provider.held(), payment.balances()]).toEqual([steps, 0, {}]);
      expect(['declined', 'voided', 'undone']).toContain(payment.payment(orderId)?.status);
      expect(payment.payment(orderId)?.challenge).toBeNull();
    }
  });

  it('is authorized when the customer approves, and answers the same again', async () => {
    const world = new World(true, true);
    await world.payment.start();
    await world.happens('do');
    await world.happens('the customer decides');
    await world.happens('the time is up');
    await world.payment.take(do_);
    const types = world.payment.replies().map(({ type }) => type);
    expect(types).toEqual(['payment-action-required', 'payment-authorized', 'payment-authorized']);
    expect(world.payment.balances()).toEqual({ customer: -1999, provider_hold: 1999 });
  });

  it('waits on while the provider does not answer, and is given up when the time is up', async () => {
    const world = new World(true, false);
    await world.payment.start();
    await world.happens('do');
    world.provider.trouble = () => 'before';
    await world.queries();
    expect(world.payment.payment(orderId)?.status).toBe('requires_action');
    await world.happens('the time is up');
    expect(world.payment.replies().at(-1)?.data).toMatchObject({ reason: 'payment_unavailable' });
    world.provider.trouble = () => undefined;
    await world.payment.seconds(60);
    expect(world.payment.payment(orderId)?.status).toBe('undone');
  });
});
