import { describe, expect, it } from '@jest/globals';
import { firstOrderTests } from '../behaviour/first-order.tests.ts';
import { useProcesses } from '../system/process-system.ts';

describe('an order from click to parcel, over processes on the default mix of brokers', () => {
  const system = useProcesses();

  it('travels over every broker of the mix', async () => {
    const ada = await system().as('ada');
    const { id } = await ada.buy();
    const seen = async (): Promise<ReadonlySet<string>> => {
      const journey = await ada.get<{ items: { broker: string }[] }>(
        `/api/v1/orders/${id}/journey`,
      );
      return new Set(journey.body.items.map(({ broker }) => broker));
    };
    let brokers = await seen();
    while (!brokers.has('sns-sqs')) brokers = await seen();
    expect([...brokers].sort()).toEqual(['http', 'kafka', 'rabbitmq', 'sns-sqs']);
  });

  it('is rejected where it cannot be paid, and costs nothing', async () => {
    const ada = await system().as('ada');
    const declined = await ada.buy({ payment: { method: 'card', token: 'tok_declined' } });
    expect(declined).toMatchObject({ status: 'rejected', reason: 'payment_declined' });
    const refused = await ada.buy({ payment: { method: 'card', token: 'tok_capture_fails' } });
    expect(refused).toMatchObject({ status: 'rejected', payment: { captured: { amount: 0 } } });
  });

  firstOrderTests(system);
});
