import { describe, expect, it } from '@jest/globals';
import { timeout } from '@waybill/resilience';
import { type FaultPoint, FaultPoints, InjectedFault, noFault } from './fault-points.ts';
import { FaultyResilience } from './faulty-resilience.ts';

const forever = 60_000;

const pointWith = (fault: { share?: number; latencyMs?: number }): FaultPoint => {
  const point = new FaultPoints().point('payment', 'the handlers of payment');
  point.set({ ...noFault, ...fault });
  return point;
};

const struck = async (point: FaultPoint, calls: number): Promise<readonly boolean[]> => {
  const all = Array.from({ length: calls }, () => point.pass());
  return (await Promise.allSettled(all)).map(({ status }) => status === 'rejected');
};

describe('a fault point', () => {
  it.each([
    [0, 0],
    [0.1, 10],
    [0.3, 30],
    [0.5, 50],
    [0.9, 90],
    [1, 100],
  ])('with a share of %d fails exactly that share of the calls', async (share, failures) => {
    const results = await struck(pointWith({ share }), 100);
    expect(results.filter(Boolean)).toHaveLength(failures);
  });

  it('spreads the failures evenly', async () => {
    expect(await struck(pointWith({ share: 0.25 }), 8)).toEqual([
      false,
      false,
      false,
      true,
      false,
      false,
      false,
      true,
    ]);
  });

  it('fails with an error that names it, and that a retry may resolve', async () => {
    const error = await pointWith({ share: 1 })
      .pass()
      .catch((each: unknown) => each);
    expect(error).toBeInstanceOf(InjectedFault);
    expect(error).toMatchObject({ code: 'injected_fault', retriable: true });
    expect(String(error)).toContain('payment');
  });

  it('is off without a fault, and again after an empty one', () => {
    const points = new FaultPoints();
    const point = points.point('payment', '');
    expect([point.isOn, points.isOn('payment')]).toEqual([false, false]);
    point.set({ share: 0.5, latencyMs: 0 });
    expect([point.isOn, points.isOn('payment'), points.isOn('order')]).toEqual([true, true, false]);
    point.set({ share: 0, latencyMs: 0 });
    expect([point.isOn, points.isOn('payment')]).toEqual([false, false]);
  });

  it('holds a call for the latency', async () => {
    const started = performance.now();
    await pointWith({ latencyMs: 30 }).pass();
    expect(performance.now() - started).toBeGreaterThanOrEqual(29);
  });

  it('lets held calls go when the fault changes', async () => {
    const point = pointWith({ latencyMs: forever });
    const held = [point.pass(), point.pass()];
    point.set(noFault);
    await expect(Promise.all(held)).resolves.toHaveLength(2);
  });

  it('lets a held call go when its signal aborts', async () => {
    const abort = new AbortController();
    const held = pointWith({ latencyMs: forever }).pass(abort.signal);
    abort.abort();
    await expect(held).resolves.toBeUndefined();
  });

  it('is one for each name', () => {
    const points = new FaultPoints();
    expect(points.point('order', 'a')).toBe(points.point('order', 'b'));
    expect(points.all().map(({ name, about }) => [name, about])).toEqual([['order', 'a']]);
    expect(points.find('nobody')).toBeUndefined();
  });
});

describe('a pipeline whose faults can be set', () => {
  it('makes no call that is to fail, and counts it as a failure', async () => {
    const faults = new FaultPoints();
    const resilience = new FaultyResilience(faults);
    const endings: string[] = [];
    resilience.listen({ called: (_, ending) => endings.push(ending) });
    const pipeline = resilience.pipeline('carrier');
    let calls = 0;
    const call = () => pipeline.run(async () => (calls += 1));
    await call();
    faults.find('carrier')?.set({ share: 1, latencyMs: 0 });
    await expect(call()).rejects.toThrow(InjectedFault);
    faults.find('carrier')?.set(noFault);
    await call();
    expect([calls, endings]).toEqual([2, ['ok', 'failed', 'ok']]);
  });

  it('is late inside its timeout', async () => {
    const faults = new FaultPoints();
    const pipeline = new FaultyResilience(faults).pipeline('carrier', timeout('20ms'));
    faults.find('carrier')?.set({ share: 0, latencyMs: forever });
    await expect(pipeline.run(async () => 1)).rejects.toMatchObject({ code: 'timed_out' });
  });
});
