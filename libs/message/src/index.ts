export { channelOf, type Kind, kindOfChannel, kinds } from './channel.ts';
export { type Codec, codecOf } from './codec.ts';
export {
  activity,
  announcement,
  type Contract,
  type ContractOptions,
  command,
  type DataOf,
  event,
  live,
  local,
  type Message,
  type MessageOptions,
  type Priority,
  priorities,
  type RetryPolicy,
  reply,
  request,
  task,
} from './contract.ts';
export { checkData, InvalidMessage, parseData, readData, type Upcasters } from './data.ts';
export { type Encrypted, encrypted, isEncrypted } from './encrypted.ts';
export {
  type Cause,
  decode,
  type Envelope,
  encode,
  MalformedEnvelope,
  wrap,
  wrapFirst,
} from './envelope.ts';
export { givenInstant, instant, isStorable, sensitive, text } from './fields.ts';
export { derivedId, newId, partitionOf, timeOfId } from './id.ts';
export { mask, masked, maskedEmail } from './masked.ts';
export { momentText } from './moment.ts';
