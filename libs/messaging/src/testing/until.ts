/** Resolves when a fact holds, looking at each turn of the event loop; rejects when it does not within ten seconds. */
export async function until(
  fact: () => boolean | Promise<boolean>,
  within = 10_000,
): Promise<void> {
  const deadline = performance.now() + within;
  while (!(await fact())) {
    if (performance.now() > deadline) throw new Error(`not so within ${within} ms: ${fact}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
