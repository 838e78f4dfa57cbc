import { bareLoop } from './bare-loop.ts';
import type { Sizes } from './load.ts';
import { median } from './percentile.ts';
import { startSystem } from './start-system.ts';
import type { Subject } from './system.ts';
import { withPostgres } from './temporary-postgres.ts';
import { openTransport } from './transports/open-transport.ts';
import { activitiesInFlight, Visitors } from './visitors.ts';

/** Activities per second of each round. */
export interface StreamFigures {
  readonly brokers: string;
  readonly pipeline: readonly number[];
  /** A bare loop of as many deliveries per activity over the same broker; nothing where there is none. */
  readonly bare: readonly number[];
}

/** The groups that an activity comes to before its windows and sessions are rows. */
const route = ['enrichment', 'processing', 'windows', 'sessions', 'metrics'];

/** Measures pipeline and bare loop in turns, because a machine is not equally fast all the time. */
export async function measureStreams(
  subject: Subject,
  { orders: activities, warmUp, rounds }: Sizes,
  say: (line: string) => void,
): Promise<StreamFigures> {
  const system = await startSystem(subject);
  try {
    const visitors = await Visitors.at(system.where.url, system.where.databases['analytics'] ?? '');
    const [pipeline, bare]: [number[], number[]] = [[], []];
    await withPostgres(async (fresh) => {
      const loop = async (round: string, count: number) =>
        barePerSecond(subject, await fresh(round), count);
      say(`warming up with ${warmUp} activities`);
      await loop('warm_up', warmUp);
      await visitors.perSecond(warmUp);
      for (let round = 1; round <= rounds; round += 1) {
        say(`round ${round} of ${rounds}, ${activities} activities`);
        bare.push(...(await loop(`round_${round}`, activities)));
        pipeline.push(await visitors.perSecond(activities));
      }
    });
    await visitors.close();
    return { brokers: subject.brokers, pipeline, bare };
  } finally {
    await system.stop();
  }
}

/** In a mix, activities and events go over Kafka. Nothing where there is no bare loop. */
async function barePerSecond(
  { brokers, addresses }: Subject,
  url: string,
  activities: number,
): Promise<readonly number[]> {
  const transport = await openTransport(brokers === 'mixed' ? 'kafka' : brokers, addresses);
  if (!transport) return [];
  const run = await bareLoop(url, activities, activitiesInFlight, transport, route);
  return [run.perSecond];
}

/** The figures as lines. */
export function streamsTable({ brokers, pipeline, bare }: StreamFigures): string[] {
  const [rate, loop] = [median(pipeline), median(bare)];
  const ratio = bare.length === 0 ? 'no bare loop over this broker' : (rate / loop).toFixed(2);
  return [
    `BROKERS=${brokers}: activities/s (median) | ÷ bare loop (goal ≥ 0.30) | rounds`,
    `  pipeline: ${Math.round(rate)} | ${ratio} | ${rounded(pipeline)}`,
    ...(bare.length === 0 ? [] : [`  bare loop: ${Math.round(loop)} | | ${rounded(bare)}`]),
  ];
}

const rounded = (each: readonly number[]): string => each.map((one) => Math.round(one)).join(' ');
