import { describe, expect, it } from '@jest/globals';
import { CancelShipment, newId, OrderPlaced, seal } from '@waybill/contracts';
import { stepFailed } from './step-failed.ts';

const orderId = newId();
const cause = { id: newId(), correlationId: newId(), traceparent: null };
const sealed = (source: string) =>
  seal(CancelShipment({ orderId }), { cause, source, now: new Date(), name: '0' });

describe('the news of a dead command', () => {
  it('goes to the saga that sent it', () => {
    const [news] = stepFailed(sealed('order'), { orderId }, { id: 'd', error: 'boom' });
    expect(news?.data).toEqual({
      orderId,
      command: CancelShipment.type,
      deadLetterId: 'd',
      error: 'boom',
    });
  });

  it('is told whatever the error quotes', () => {
    const error = `\u0000${'x'.repeat(999)}😀`;
    const [news] = stepFailed(sealed('order'), { orderId }, { id: 'd', error });
    expect(news?.data).toMatchObject({ error: `${'x'.repeat(999)}\ufffd` });
  });

  it('is not told of what no saga waits for', () => {
    const dead = { id: 'd', error: 'boom' };
    expect(stepFailed(sealed('payment'), { orderId }, dead)).toEqual([]);
    expect(stepFailed({ ...sealed('order'), data: { orderId: 'x' } }, undefined, dead)).toEqual([]);
    expect(stepFailed({ ...sealed('order'), data: null }, undefined, dead)).toEqual([]);
    expect(stepFailed({ ...sealed('order'), kind: OrderPlaced.kind }, { orderId }, dead)).toEqual(
      [],
    );
  });
});
