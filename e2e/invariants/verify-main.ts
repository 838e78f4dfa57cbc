/** Checks the databases and ledgers of a running system from inside its network, as `npm run verify:invariants` does. */
import process from 'node:process';
import { readLedgers } from './ledgers.ts';
import { systemToVerify } from './verify.config.ts';
import { verifyInvariants } from './verify-invariants.ts';

async function run(): Promise<void> {
  const { databases, sandboxes, keys } = systemToVerify();
  const broken = await verifyInvariants({
    databases,
    readLedgers: () => readLedgers(sandboxes, keys),
  });
  for (const each of broken) console.log(`  broken: ${each}`);
  console.log(`${broken.length} violations`);
  process.exitCode = broken.length > 0 ? 1 : 0;
}

run().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 2;
});
