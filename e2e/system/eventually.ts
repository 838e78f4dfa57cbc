import { patient } from './patience.config.ts';

/** Calls `read` until it returns a value; throws, with its last error as the cause, when `within` milliseconds are over. */
export async function eventually<T>(
  what: string,
  read: () => Promise<T | undefined | false>,
  within = patient(60_000),
): Promise<T> {
  const deadline = performance.now() + within;
  let problem: unknown;
  do {
    try {
      const found = await read();
      if (found !== undefined && found !== false) return found;
      problem = undefined;
    } catch (error) {
      problem = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  } while (performance.now() < deadline);
  throw new Error(`${what}: not within ${within} ms`, { cause: problem });
}
