/**
 * Counts the files that one message goes through, from the functions that actually ran.
 *
 * The path is that of `AuthorizePayment`: from the saga's decision in order, through its commit, outbox and relay, over
 * RabbitMQ, to payment's consumer, its decision, commit and ack. V8 counts the calls of every function from the reply that
 * lets the saga decide until the next command of the same saga arrives, so the path of payment's reply is included.
 * A file is on the path if one of its functions ran for each of several messages: code that runs on a timer, such as leases
 * and polls, seldom runs for all of them. Warm-up messages go first, so that one-time work (evaluating modules, connecting,
 * preparing statements, filling caches) is done. Files of `libs` and `services` count; specs, their fixtures and the test's
 * provider do not, nor does the embedded broker, which carries the other kinds of messages.
 */
import { Session } from 'node:inspector/promises';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './repository.ts';

/** Prepares one message outside the count; the resolved function sends it and resolves when it is through. */
export type OneMessage = () => Promise<() => Promise<unknown>>;

/** The files that ran for each of the `counted` messages, as sorted paths from the root of the repository. */
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

/** `takePreciseCoverage` resets the counts. */
const hasRun = ({ functions }: Script): boolean =>
  functions.some(({ ranges }) => (ranges[0]?.count ?? 0) > 0);

const pathOf = ({ url }: Script): string =>
  relative(root, url.startsWith('file:') ? fileURLToPath(url) : url);

const ours = /^(libs|services)\/(?!.*\/(testing|embedded)\/).*(?<!\.spec)\.ts$/;
