import { signal } from '@preact/signals';

/** Seconds since the epoch, as charts have them, and beside each the values of that moment; null is not known, and a gap in the line. */
export interface Samples<K extends string> {
  readonly times: readonly number[];
  readonly values: Readonly<Record<K, readonly (number | null)[]>>;
}

/** The latest samples of some figures, as many as a chart shows. */
export class History<K extends string> {
  readonly samples;

  constructor(
    private readonly names: readonly K[],
    private readonly most = 150,
  ) {
    const none = Object.fromEntries(names.map((name) => [name, []]));
    this.samples = signal<Samples<K>>({
      times: [],
      values: none as unknown as Samples<K>['values'],
    });
  }

  add(sample: Readonly<Record<K, number | null>>, at = Date.now()): void {
    const { times, values } = this.samples.value;
    const longer = <T>(list: readonly T[], value: T) => [...list, value].slice(-this.most);
    this.samples.value = {
      times: longer(times, at / 1_000),
      values: Object.fromEntries(
        this.names.map((name) => [name, longer(values[name], sample[name])]),
      ) as unknown as Samples<K>['values'],
    };
  }
}

/** How fast totals grow; null before the second one, and after a total that has begun again. */
export class Growth {
  private before: { readonly total: number; readonly at: number } | null = null;

  /** Per second since the last call. */
  of(total: number, at = Date.now()): number | null {
    const { before } = this;
    this.before = { total, at };
    if (!before || total < before.total || at <= before.at) return null;
    return ((total - before.total) * 1_000) / (at - before.at);
  }
}
