/**
 * `npm run verify:invariants`: checks every database of a running system, and the records of the payment
 * provider and the carriers. It waits for orders in progress, then prints the violations; exits with 0 when there are none.
 */
import { join } from 'node:path';
import process from 'node:process';
import { dataFolders, runningSystem } from './running-system.mjs';
import { bin, install, run } from './setup.mjs';
import { root } from './suites.mjs';

let system;
try {
  system = runningSystem();
} catch (error) {
  console.error(error.message);
  process.exit(2);
}
if (!system) {
  const [folder] = dataFolders();
  console.error(`No system runs on ${folder}: start it with npm start, or name its WAYBILL_DATA.`);
  process.exit(2);
}
if (!system.sandboxes.paymentProvider) {
  console.error(`${system.url} uses a real payment provider, whose records cannot be compared.`);
  process.exit(2);
}
install();
run('tsc -b e2e (what is needed to look)', bin('tsc'), ['-b', join(root, 'e2e')]);

const { readLedgers, sandboxKeys, verifyInvariants } = await import('../e2e/dist/index.js');
const { url, databases, sandboxes } = system;
const keys = {
  paymentProvider: process.env.PAYMENT_PROVIDER_API_KEY || sandboxKeys.paymentProvider,
  carriers: process.env.CARRIERS_API_KEY || sandboxKeys.carriers,
};
try {
  const started = Date.now();
  const broken = await verifyInvariants({
    databases,
    readLedgers: () => readLedgers(sandboxes, keys),
  });
  for (const each of broken) console.log(`  broken: ${each}`);
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  console.log(`\n${url}: ${broken.length} violations (${seconds} s)`);
  process.exitCode = broken.length > 0 ? 1 : 0;
} catch (error) {
  console.error(`${url} cannot be looked at: ${error.message}`);
  process.exitCode = 2;
}
