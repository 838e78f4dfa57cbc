export { EmbeddedBroker, type EmbeddedBrokerOptions, embeddedBroker } from './embedded-broker.ts';
export { ConfirmLost, type FaultOptions } from './faults.ts';
export { MessageLog, type MessageLogOptions } from './log/message-log.ts';
