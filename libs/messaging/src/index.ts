export {
  activity,
  announcement,
  type Contract,
  command,
  type DataOf,
  type Envelope,
  event,
  live,
  local,
  type Message,
  reply,
  request,
  task,
} from '@waybill/message';
export type { BlobStore } from './blob-store.ts';
export {
  type Binding,
  type BodyText,
  type Broker,
  BrokerAway,
  BrokerClosed,
  BrokerFull,
  bodyText,
  type ChannelStats,
  carriesRequests,
  type Delivery,
  defaultPrefetch,
  type Group,
  type Guarantees,
  guaranteeing,
  type Listener,
  mustBeHeard,
  type ObserveOptions,
  type Outgoing,
  type RequestBroker,
  RequestRefused,
  RequestsNotCarried,
  RequestTimedOut,
  type Settled,
  type SubscribeOptions,
  Unroutable,
} from './broker.ts';
export {
  type Bounds,
  InvalidBrokerSetting,
  knobsFrom,
  type ServerBrokerOptions,
} from './broker-settings.ts';
export {
  EmbeddedBroker,
  type EmbeddedBrokerOptions,
  embeddedBroker,
} from './brokers/embedded/embedded-broker.ts';
export { ConfirmLost, type FaultOptions } from './brokers/embedded/faults.ts';
export {
  Brokers,
  type CarriedKind,
  carriedKinds,
  neededGuarantees,
  oneBroker,
} from './brokers.ts';
export { keyInside } from './claim-check/claim.ts';
export { type ClaimCheckOptions, claimChecked } from './claim-check/claim-checked.ts';
export { TooLarge } from './claim-check/large-messages.ts';
export { CLOCK, type Clock, every, systemClock, within } from './clock.ts';
export { Consumer, type ConsumerOptions } from './consumer.ts';
export { gatherWrites } from './gather-writes.ts';
export { groupsFrom, groupsOf, type Heard } from './groups.ts';
export {
  type AskContext,
  answers,
  countsAsAttempt,
  type DeadLetterHook,
  type DeadLetterNews,
  type DecideContext,
  type Decision,
  type Filter,
  type Handler,
  type HandlerOptions,
  isRetriable,
  on,
  onDeadLetter,
  type Responder,
  type Sink,
  type SinkResult,
  sink,
} from './handler.ts';
export { Handles, type Hears, handlersOf } from './handles.ts';
export {
  BrokerIngest,
  Ingest,
  type IngestOptions,
  type IngestResult,
  IngestTimedOut,
} from './ingest.ts';
export { type MessagingAsyncOptions, MessagingModule } from './messaging.module.ts';
export { MESSAGING_OPTIONS, Messaging, type MessagingOptions } from './messaging.ts';
export { type MessagingLog, nestLog } from './nest-log.ts';
export { type ConsumerObserver, type Finished, silentObserver } from './observer.ts';
export { ObserverList } from './observer-list.ts';
export { BrokerRequests, type Gathered, type RequestOptions, Requests } from './requests.ts';
export { Sealing, type SealingOptions } from './sealing.ts';
export { SinkHost, type SinkHostOptions } from './sink-host.ts';
export { type SinkEnd, sinkInboxRow } from './sink-inbox-row.ts';
export type { Sunken } from './sink-runner.ts';
export {
  type AppendOnlyTable,
  appendOnlyTable,
  type Change,
  refName,
  type StateRef,
  type StateTable,
  type Stream,
  type StreamEvent,
  type StreamOptions,
  stateTable,
  streamTable,
} from './state.ts';
export {
  type Batch,
  BatchConflict,
  type Committed,
  type ConfirmedPage,
  type CrashMarks,
  type DeadRow,
  type EventWrite,
  emptyBatch,
  type Fence,
  type InboxRow,
  type Loaded,
  type OutboxRow,
  type Outcome,
  type ParkedRow,
  type Relay,
  type RunningRelay,
  type StateRead,
  type StateWrite,
  Storage,
  type Store,
  type StoreFailure,
  type Transactions,
} from './store.ts';
export { MessagingStrategy } from './strategy.ts';
export { Overloaded, type SubmitOptions, Submitter, Unavailable } from './submitter.ts';
export { topicPattern } from './topic-pattern.ts';
export type { TransactionalOptions } from './transactional.ts';
export { CrashSuspect, NewerVersion, UnknownMessage } from './work.ts';
