export {
  activity,
  announcement,
  type Cause,
  type Contract,
  type ContractOptions,
  channelOf,
  command,
  type DataOf,
  decode,
  derivedId,
  type Encrypted,
  type Envelope,
  encode,
  encrypted,
  event,
  givenInstant,
  InvalidMessage,
  instant,
  isEncrypted,
  isStorable,
  type Kind,
  kindOfChannel,
  kinds,
  live,
  local,
  MalformedEnvelope,
  type Message,
  type MessageOptions,
  mask,
  masked,
  maskedEmail,
  momentText,
  newId,
  type Priority,
  parseData,
  partitionOf,
  priorities,
  type RetryPolicy,
  readData,
  reply,
  request,
  sensitive,
  task,
  text,
  timeOfId,
  type Upcasters,
  wrap,
  wrapFirst,
} from '@waybill/message';
export { allContracts } from './all-contracts.ts';
export * from './analytics.messages.ts';
export * from './customer.messages.ts';
export { destinations, homeCountry, noDeliveryTo } from './destinations.ts';
export { enteredAddress } from './entered-address.ts';
export { enteredLine, enteredText, exactLine, firstUnprintable } from './entered-text.ts';
export * from './inventory.messages.ts';
export { type Money, maxAmount, money, positiveMoney, sumOf } from './money.ts';
export * from './notification.messages.ts';
export * from './order.messages.ts';
export { noProduct, onSeveralLines } from './ordered-products.ts';
export * from './payment.messages.ts';
export * from './shipping.messages.ts';
export {
  type Address,
  address,
  country,
  type Digest,
  digest,
  type EmailTemplate,
  emailTemplate,
  givenOrderId,
  type Line,
  line,
  locale,
  orderId,
  type RejectionReason,
  rejectionReason,
  type ShippingMethod,
  shippingMethod,
  sku,
  type TaxClass,
  taxClass,
} from './values.ts';
