/** SNS, SQS and S3 at one address, with the bucket `waybill`. What is stored is in /data and survives restarts. */
import { startFauxqs } from 'fauxqs';

const { PersistenceManager } = await import(
  new URL('./persistence.js', import.meta.resolve('fauxqs'))
);

// fauxqs 2.4.1 resets the receive count of a returned message, which violates a constraint of its own table: the message
// would be lost and its FIFO group locked forever.
PersistenceManager.prototype.updateMessageReady = function handBack(id) {
  this.db
    .prepare(
      'update sqs_messages set receipt_handle = null, visibility_deadline = null where message_id = ?',
    )
    .run(id);
};

const server = await startFauxqs({ port: 4566, logger: false, dataDir: '/data' });
server.createBucket('waybill');

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => void server.stop().then(() => process.exit(0)));
}
console.log(`listens on ${server.address}`);
