/** Resolves when a fact holds, checked at each turn of the event loop; rejects after `within` milliseconds, default 25,000: a test has 30,000. */
export async function until(
  fact: () => boolean | Promise<boolean>,
  within = 25_000,
): Promise<void> {
  const deadline = performance.now() + within;
  while (!(await fact())) {
    if (performance.now() > deadline) throw new Error(`not so within ${within} ms: ${fact}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
