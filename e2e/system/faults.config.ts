import { appendFileSync } from 'node:fs';
import process from 'node:process';

/** `FAULTS=full` runs every fault with as many orders as `npm run faults` promises. */
export const isFull = process.env['FAULTS'] === 'full';
/** The full form breaks one after another, the short form all at once. */
export const oneByOne = <T>(all: readonly T[]): readonly (readonly [string, readonly T[]])[] =>
  isFull ? all.map((each) => [String(each), [each]]) : [[all.join(', '), all]];
/** How many orders are accepted around each fault, at least. */
export const ordersPerFault = Number(process.env['FAULT_ORDERS'] ?? (isFull ? 5_000 : 200));
/** How many orders wait for each broker that is away. */
export const ordersWaiting = Number(process.env['FAULT_ORDERS'] ?? (isFull ? 10_000 : 200));
/** Milliseconds that a frozen process stays frozen: longer than any lease, session or visibility time-out. */
export const frozenFor = isFull ? 20_000 : 12_000;

/** What became of one fault. */
export interface FaultResult {
  readonly topic: string;
  readonly fault: string;
  readonly orders: number;
  /** From the end of the fault until all that was accepted before it has settled and nothing waits in an outbox. */
  readonly recoverySeconds: number;
  /** What it should take on a machine with nothing else to do. */
  readonly goalSeconds?: number;
  readonly violations: number;
}

/** Notes a result where `FAULTS_REPORT` names a file, a line of JSON each. */
export function noteResult(result: FaultResult): void {
  const file = process.env['FAULTS_REPORT'];
  if (file) appendFileSync(file, `${JSON.stringify(result)}\n`);
}
