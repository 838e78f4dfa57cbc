import { describe, expect, it } from '@jest/globals';
import { paymentProviderConfig } from './payment-provider.config.ts';

describe('the settings of the payment provider', () => {
  it('need nothing, and then send no webhooks', () => {
    const config = paymentProviderConfig({});
    expect(config).toMatchObject({ port: 8091, host: '127.0.0.1' });
    expect(config).not.toHaveProperty('webhooks');
  });

  it("tell of customers' decisions, refunds and disputes where webhooks go, or of what is named", () => {
    const PAYMENT_WEBHOOK_URL = 'http://127.0.0.1:8080/hook';
    expect(paymentProviderConfig({ PAYMENT_WEBHOOK_URL }).webhooks).toMatchObject({
      url: PAYMENT_WEBHOOK_URL,
      events: ['charge.authorized', 'charge.declined', 'charge.refunded', 'charge.disputed'],
    });
    const named = { PAYMENT_WEBHOOK_URL, PAYMENT_WEBHOOK_EVENTS: 'charge.captured' };
    expect(paymentProviderConfig(named).webhooks?.events).toEqual(['charge.captured']);
  });

  it("are those of a double of Stripe's API where that is wanted, with books of its own", () => {
    const PAYMENT_WEBHOOK_URL = 'http://127.0.0.1:8080/hook';
    const config = paymentProviderConfig({ PAYMENT_PROVIDER: 'stripe', PAYMENT_WEBHOOK_URL });
    expect(config).toMatchObject({
      speaks: 'stripe',
      dataFile: '.waybill/payment-provider.ledger.stripe',
      webhooks: { secret: 'whsec_waybill_development' },
    });
  });

  it('name every setting that is wrong', () => {
    const wrong = { PAYMENT_PROVIDER_PORT: 'x', PAYMENT_WEBHOOK_EVENTS: 'charge.unheard' };
    expect(() => paymentProviderConfig(wrong)).toThrow(
      /PAYMENT_PROVIDER_PORT[\s\S]*PAYMENT_WEBHOOK_EVENTS/,
    );
  });
});
