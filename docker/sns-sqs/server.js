/** SNS, SQS and S3 at one address. What was sent stays in /data over restarts. */
import { startFauxqs } from 'fauxqs';

const server = await startFauxqs({ port: 4566, logger: false, dataDir: '/data' });

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => void server.stop().then(() => process.exit(0)));
}
console.log(`listens on ${server.address}`);
