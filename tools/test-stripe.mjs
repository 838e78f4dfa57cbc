/** `npm run test:stripe`: the contract suite of payment providers on the real Stripe, in the test mode of STRIPE_SECRET_KEY. */
import process from 'node:process';
import { bin, run } from './setup.mjs';

if (!/^[rs]k_test_\w+$/.test(process.env.STRIPE_SECRET_KEY ?? '')) {
  console.error('STRIPE_SECRET_KEY must be a key of a test mode: sk_test_… or rk_test_…');
  process.exit(2);
}
run('the real Stripe', bin('jest'), ['clients/payment-providers', '-t', 'Stripe itself']);
