import process from 'node:process';
import { parseArgs } from 'node:util';
import type { Addresses } from '../transports/open-transport.ts';
import { type CarrierName, carrierNames } from './carrier.ts';
import type { CompareSizes } from './measure.ts';

export interface CompareOptions {
  readonly sizes: CompareSizes;
  readonly names: readonly CarrierName[];
  readonly json: boolean;
  /** Addresses of the servers; those without one are started for the run. */
  readonly addresses: Addresses;
}

export const compareHelp = `npm run compare -- [flags] runs one workload over each broker, and kills its consumer and its server

  --brokers LIST     of ${carrierNames.join(', ')}; default all
  --quick            fewer messages
  --json             figures as JSON instead of the table
  --help             this text

KAFKA_BROKERS, RABBITMQ_URL, AWS_ENDPOINT_URL and REDIS_URL name servers, which are not killed and keep the topics and queues
compare-…; those that are not named are started for the run. A server that cannot be started here is left out.
`;

/** Null when help is requested. */
export function compareOptions(args: readonly string[]): CompareOptions | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      brokers: { type: 'string', default: carrierNames.join(',') },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  return {
    sizes: values.quick
      ? { warmUp: 1_000, messages: 5_000, single: 200, killed: 1_000 }
      : { warmUp: 5_000, messages: 50_000, single: 1_000, killed: 10_000 },
    names: values.brokers.split(',').map(nameOf),
    json: values.json,
    addresses: { ...process.env },
  };
}

function nameOf(word: string): CarrierName {
  const found = carrierNames.find((each) => each === word.trim());
  if (found) return found;
  throw new Error(`--brokers: there is no "${word}"; there are ${carrierNames.join(', ')}`);
}
