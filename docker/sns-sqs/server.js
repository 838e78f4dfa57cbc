/** SNS, SQS and S3 at one address. What was sent stays in /data over restarts. */
import { startFauxqs } from 'fauxqs';

const { PersistenceManager } = await import(
  new URL('./persistence.js', import.meta.resolve('fauxqs'))
);

// fauxqs 2.4.1 forgets how often a message was received when it is handed back, which its own table refuses: the message
// would be lost, and a FIFO group locked for ever.
PersistenceManager.prototype.updateMessageReady = function handBack(id) {
  this.db
    .prepare(
      'update sqs_messages set receipt_handle = null, visibility_deadline = null where message_id = ?',
    )
    .run(id);
};

const server = await startFauxqs({ port: 4566, logger: false, dataDir: '/data' });

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => void server.stop().then(() => process.exit(0)));
}
console.log(`listens on ${server.address}`);
