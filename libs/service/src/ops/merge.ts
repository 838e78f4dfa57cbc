/** What several services answered. */
export interface Answers<T> {
  readonly items: readonly T[];
  /** The services that did not answer in time, or with an error. */
  readonly missing: readonly string[];
  /** Their errors, in the same order. */
  readonly errors: readonly unknown[];
}

/** Asks every service at once, for at most `within` milliseconds. */
export async function merge<S extends { readonly service: string }, T>(
  services: readonly S[],
  call: (service: S) => Promise<readonly T[]>,
  within = 3_000,
): Promise<Answers<T>> {
  const answers = await Promise.allSettled(services.map((each) => inTime(call(each), within)));
  const failed = answers.flatMap((answer, i) =>
    answer.status === 'rejected' ? [{ service: services[i]?.service ?? '', ...answer }] : [],
  );
  return {
    items: answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : [])),
    missing: failed.map(({ service }) => service),
    errors: failed.map(({ reason }) => reason),
  };
}

async function inTime<T>(answer: Promise<T>, within: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), within);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
