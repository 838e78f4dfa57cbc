/**
 * How many files one message goes through, counted by what really runs.
 *
 * The path is that of `AuthorizePayment`: from the saga's decision in order, through its commit, outbox and relay, over
 * RabbitMQ, to payment's consumer, its decision, commit and ack. V8 counts the calls of every function from the reply that
 * lets the saga decide until the next command of the same saga has arrived, so the way of payment's reply is counted with it.
 * A file is on the path if one of its functions ran for every one of several messages: what runs by the clock, as leases
 * and polls do, is seldom in all of them. Others go before, so what happens once (evaluating modules, connecting, preparing
 * statements, filling caches) is past. Files of `libs` and `services` count; specs, their fixtures and the provider of the test do
 * not, nor does the embedded broker, which carries the other kinds of messages meanwhile.
 */
import { Session } from 'node:inspector/promises';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './repository.ts';

/** Prepares one message outside the count; what it resolves with sends it and resolves when it is through. */
export type OneMessage = () => Promise<() => Promise<unknown>>;

/** The files that have run for each of the messages, as sorted paths from the root of the repository. */
export async function filesOnThePath(
  message: OneMessage,
  { before = 30, counted = 10 } = {},
): Promise<readonly string[]> {
  for (let n = 0; n < before; n += 1) await (await message())();
  const session = new Session();
  session.connect();
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
    let common: readonly string[] | undefined;
    for (let n = 0; n < counted; n += 1) {
      const send = await message();
      await session.post('Profiler.takePreciseCoverage');
      await send();
      const { result } = await session.post('Profiler.takePreciseCoverage');
      const ran = new Set(result.filter(hasRun).map(pathOf));
      common = (common ?? [...ran]).filter((file) => ran.has(file));
    }
    return (common ?? []).filter((file) => ours.test(file)).sort();
  } finally {
    session.disconnect();
  }
}

interface Script {
  readonly url: string;
  readonly functions: readonly { readonly ranges: readonly { readonly count: number }[] }[];
}

/** Each take begins the counts anew. */
const hasRun = ({ functions }: Script): boolean =>
  functions.some(({ ranges }) => (ranges[0]?.count ?? 0) > 0);

const pathOf = ({ url }: Script): string =>
  relative(root, url.startsWith('file:') ? fileURLToPath(url) : url);

const ours = /^(libs|services)\/(?!.*\/(testing|embedded)\/).*(?<!\.spec)\.ts$/;
