import process from 'node:process';

/** The key of a test mode of the real Stripe; without one it is not tested. Never a live key. */
export const realStripeKey = /^[rs]k_test_\w+$/.exec(process.env['STRIPE_SECRET_KEY'] ?? '')?.[0];
