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
export { BatchConsumerHost, type BatchConsumerHostOptions } from './batch-consumer-host.ts';
export { type BatchConsumerEnd, batchConsumerInboxRow } from './batch-consumer-inbox-row.ts';
export type { FailedMessage } from './batch-consumer-runner.ts';
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
  type Made,
  needsSubscriber,
  type ObserveOptions,
  type Outgoing,
  type PartitionStats,
  type RequestBroker,
  RequestRefused,
  RequestsNotCarried,
  RequestTimedOut,
  type Settled,
  type SubscribeOptions,
  type Tried,
  Unroutable,
} from './broker.ts';
export {
  type BrokerOperations,
  GroupInUse,
  NotSupported,
  type SeekTarget,
  type WaitingMessage,
} from './broker-operations.ts';
export {
  type Bounds,
  InvalidBrokerSetting,
  knobsFrom,
  type ServerBrokerOptions,
} from './broker-settings.ts';
export {
  Brokers,
  type CarriedKind,
  carriedKinds,
  neededGuarantees,
  oneBroker,
} from './brokers.ts';
export { claimOf, keyInside } from './claim-check/claim.ts';
export { type ClaimCheckOptions, claimChecked } from './claim-check/claim-checked.ts';
export { TooLarge } from './claim-check/large-messages.ts';
export { CLOCK, type Clock, every, systemClock, within } from './clock.ts';
export { Consumer, type ConsumerOptions } from './consumer.ts';
export { EnvelopeWrapper, type EnvelopeWrapperOptions } from './envelope-wrapper.ts';
export { gatherWrites } from './gather-writes.ts';
export { groupsFrom, groupsOf, type SubscribedType, subscribesToOneOf } from './groups.ts';
export {
  answers,
  type BatchConsumer,
  type BatchConsumerResult,
  batchConsumer,
  type CallContext,
  countsAsAttempt,
  type DeadLetterHook,
  type DeadLetterNews,
  type DecideContext,
  type Decision,
  type Ended,
  type Filter,
  type Handler,
  type HandlerOptions,
  type InjectedFaults,
  isRetriable,
  on,
  onDeadLetter,
  type Responder,
} from './handler.ts';
export { isAwaited } from './handlers-by-group.ts';
export { Handles, handlersOf, type ServiceHandlers } from './handles.ts';
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
export { type ConsumerObserver, type Finished, type Sent, silentObserver } from './observer.ts';
export { ObserverList } from './observer-list.ts';
export { BrokerRequests, type Gathered, type RequestOptions, Requests } from './requests.ts';
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
  type DeferredRow,
  type EventWrite,
  emptyBatch,
  type Fence,
  type InboxRow,
  type Loaded,
  type OutboxRow,
  type Outcome,
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
export { TracedRequests } from './traced-requests.ts';
export {
  isSampled,
  type Span,
  type SpanAttributes,
  type SpanStart,
  type Tracer,
} from './tracer.ts';
export type { TransactionalOptions } from './transactional.ts';
export type { Encodings } from './wire/encoded.ts';
export {
  type ReceivedBody,
  receivedBody,
  type WireLabel,
  wireBodyOf,
} from './wire/received-body.ts';
export { jsonType, type WireBody } from './wire/wire-body.ts';
export { CrashSuspect, NewerVersion, UnknownMessage } from './work.ts';
export { effect } from './work-rows.ts';
export { attributesOf } from './work-span.ts';
