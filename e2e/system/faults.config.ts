import { appendFileSync } from 'node:fs';
import process from 'node:process';

/** `FAULTS=full` runs every fault with the number of orders of `npm run faults`. */
export const isFull = process.env['FAULTS'] === 'full';
/** The full form breaks them one after another, the short form all at once. */
export const oneByOne = <T>(all: readonly T[]): readonly (readonly [string, readonly T[]])[] =>
  isFull ? all.map((each) => [String(each), [each]]) : [[all.join(', '), all]];
/** The minimum number of accepted orders per fault. */
export const ordersPerFault = Number(process.env['FAULT_ORDERS'] ?? (isFull ? 5_000 : 100));
/** How many orders wait for each unavailable broker. */
export const ordersWaiting = Number(process.env['FAULT_ORDERS'] ?? (isFull ? 10_000 : 100));
/** `BROKERS` of the systems whose brokers a file does not break; sns-sqs: replicas share the queues of their groups. */
export const brokersOfFaults = process.env['FAULT_BROKERS'] || 'mixed';
/** Milliseconds that a process stays frozen: longer than any lease, session or visibility timeout. */
export const frozenFor = isFull ? 20_000 : 12_000;

/** The result of one fault. */
export interface FaultResult {
  readonly topic: string;
  readonly fault: string;
  readonly orders: number;
  /** From the end of the fault until everything accepted before has settled and no outbox has a message of it. */
  readonly recoverySeconds: number;
  /** The goal on an otherwise idle machine. */
  readonly goalSeconds?: number;
  readonly violations: number;
}

/** Appends a result as a line of JSON when `FAULTS_REPORT` names a file. */
export function noteResult(result: FaultResult): void {
  const file = process.env['FAULTS_REPORT'];
  if (file) appendFileSync(file, `${JSON.stringify(result)}\n`);
}

/** The services and the gateway, as processes. */
export const everyProcess = [
  'order',
  'inventory',
  'payment',
  'shipping',
  'notification',
  'analytics',
  'customer',
  'gateway',
] as const;
