/** Runs the emulator of SNS, SQS and S3 as its own process: `node sns-sqs-process.js <port> <region>`. */
import process from 'node:process';
import { buildApp } from 'fauxqs';

const [port, defaultRegion] = process.argv.slice(2);
// The emulator's own `startFauxqs` would listen on all addresses of this machine.
const app = buildApp({ logger: false, ...(defaultRegion ? { defaultRegion } : {}) });

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void app.close().then(() => process.exit(0)));
}
console.log(`listens on ${await app.listen({ port: Number(port), host: '127.0.0.1' })}`);
