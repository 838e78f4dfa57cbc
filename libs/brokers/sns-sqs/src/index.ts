export { CannotConnect, type ConnectionState } from './connection.ts';
export type { SnsSqsOptions } from './options.ts';
export { EntryFailed } from './publisher.ts';
export { SnsSqsBroker, snsSqsBroker } from './sns-sqs-broker.ts';
