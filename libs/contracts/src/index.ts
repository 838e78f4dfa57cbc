export { allContracts } from './all-contracts.ts';
export { channelOf, type Kind, kindOfChannel, kinds } from './channel.ts';
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
export { InvalidMessage, parseData, readData, type Upcasters } from './data.ts';
export { enteredAddress } from './entered-address.ts';
export { enteredLine, enteredText, exactLine, firstUnprintable } from './entered-text.ts';
export {
  type Cause,
  decode,
  type Envelope,
  encode,
  MalformedEnvelope,
  seal,
  sealFirst,
} from './envelope.ts';
export { derivedId, newId, shardOf, timeOfId } from './id.ts';
export * from './inventory.messages.ts';
export { mask, masked } from './masked.ts';
export { momentText } from './moment.ts';
export { type Money, maxAmount, money, sumOf } from './money.ts';
export * from './order.messages.ts';
export * from './payment.messages.ts';
export * from './shipping.messages.ts';
export {
  type Address,
  address,
  givenInstant,
  givenOrderId,
  instant,
  isStorable,
  type Line,
  line,
  orderId,
  type RejectionReason,
  rejectionReason,
  type ShippingMethod,
  sensitive,
  shippingMethod,
  sku,
  text,
} from './values.ts';
