import { describe, expect, it } from '@jest/globals';
import { type Environment, type InvalidConfig, readSettings } from '@waybill/service';
import { paymentConfig, wantsStripeDouble } from './payment.config.ts';

const stripe = { PAYMENT_PROVIDER: 'stripe' };
const real = {
  ...stripe,
  STRIPE_SECRET_KEY: 'sk_live_0123456789',
  STRIPE_WEBHOOK_SECRET: 'whsec_0123456789',
  STRIPE_RETURN_URL: 'https://shop.example/',
};
const double = { ...stripe, STRIPE_URL: 'http://127.0.0.1:8091' };

const read = (env: Environment) => readSettings('payment', env, [paymentConfig])[0];
function problemsOf(env: Environment): readonly string[] {
  try {
    read(env);
    return [];
  } catch (error) {
    return (error as InvalidConfig).problems;
  }
}

describe('the payment provider of the settings', () => {
  it('is the sandbox, or Stripe, with a double where its address is given', () => {
    expect(read({}).stripe).toBeNull();
    expect(read(real).stripe).toMatchObject({ url: null, secretKey: real.STRIPE_SECRET_KEY });
    expect(read(double).stripe).toMatchObject({ url: double.STRIPE_URL });
    expect([{}, stripe, double, real].map(wantsStripeDouble)).toEqual([false, true, false, false]);
  });

  it('is named with each rule that its settings break, without a secret', () => {
    const needed = 'is needed, unless STRIPE_URL names a double';
    expect(problemsOf({ PAYMENT_PROVIDER: 'paypal' })).toEqual([
      expect.stringContaining('PAYMENT_PROVIDER'),
    ]);
    expect(problemsOf(stripe)).toEqual([
      `STRIPE_SECRET_KEY: ${needed}`,
      `STRIPE_RETURN_URL: ${needed}`,
    ]);
    const wrong = { STRIPE_SECRET_KEY: 'pk_live_0123456789', STRIPE_WEBHOOK_SECRET: 'grapefruit' };
    expect(problemsOf({ ...real, ...wrong })).toEqual([
      'STRIPE_SECRET_KEY: is sk_test_…, sk_live_… or a restricted key rk_…',
      'STRIPE_WEBHOOK_SECRET: is whsec_…, or several with commas between',
    ]);
    expect(problemsOf({ ...real, STRIPE_URL: double.STRIPE_URL })).toEqual([
      expect.stringContaining('STRIPE_URL: names a double, to which no live key is sent'),
    ]);
  });

  it('needs its own secrets only, where it is deployed', () => {
    const deployed = { WAYBILL_DEPLOYED: 'true' };
    const refused = 'has its development value, which a deployed service refuses';
    expect(problemsOf({ ...deployed, ...real })).toEqual([]);
    expect(problemsOf({ ...deployed, ...double })).toEqual([
      `STRIPE_SECRET_KEY ${refused}`,
      `STRIPE_WEBHOOK_SECRET ${refused}`,
    ]);
    expect(problemsOf(deployed)).toEqual([
      `PAYMENT_PROVIDER_API_KEY ${refused}`,
      `PAYMENT_WEBHOOK_SECRET ${refused}`,
      'PAYMENT_PROVIDER_URL has the address of the sandbox, which a deployed service refuses',
    ]);
  });
});
