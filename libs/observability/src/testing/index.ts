export { type ReceivedSpan, SpanReceiver } from './span-receiver.ts';
