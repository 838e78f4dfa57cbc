import {
  Counter,
  type CounterConfiguration,
  Gauge,
  type GaugeConfiguration,
  Histogram,
  type HistogramConfiguration,
  Registry,
} from 'prom-client';

type Named<C> = Omit<C, 'registers'>;

/** The metrics of one service; each has the label `service`, and with several replicas also `instance`. */
export class Metrics {
  readonly registry = new Registry();

  constructor(
    readonly service: string,
    instance?: string,
  ) {
    this.registry.setDefaultLabels(instance ? { service, instance } : { service });
  }

  counter<L extends string>(options: Named<CounterConfiguration<L>>): Counter<L> {
    return new Counter({ ...options, registers: [this.registry] });
  }

  gauge<L extends string>(options: Named<GaugeConfiguration<L>>): Gauge<L> {
    return new Gauge({ ...options, registers: [this.registry] });
  }

  histogram<L extends string>(options: Named<HistogramConfiguration<L>>): Histogram<L> {
    return new Histogram({ ...options, registers: [this.registry] });
  }

  /** All metrics in the Prometheus text format. */
  text(): Promise<string> {
    return this.registry.metrics();
  }
}

/** The metrics of several services in the Prometheus text format. */
export const mergedMetrics = (all: readonly Pick<Metrics, 'text'>[]): Promise<string> =>
  mergeTexts(all.map((metrics) => metrics.text()));

/** A metric family may occur only once in a text, so samples of the same family are merged. */
async function mergeTexts(texts: readonly Promise<string>[]): Promise<string> {
  const families = new Map<string, Family>();
  for (const text of await Promise.all(texts)) addTo(families, text);
  return `${[...families.values()].flatMap(({ head, samples }) => [...head.values(), ...samples]).join('\n')}\n`;
}

interface Family {
  /** Its comment lines, by their first word. */
  readonly head: Map<string, string>;
  readonly samples: string[];
}

const emptyFamily = (): Family => ({ head: new Map(), samples: [] });

function addTo(families: Map<string, Family>, text: string): void {
  let family = emptyFamily();
  for (const line of text.split('\n')) {
    const [, word, name] = /^# (HELP|TYPE) (\S+)/.exec(line) ?? [];
    if (word !== undefined && name !== undefined) {
      family = families.get(name) ?? emptyFamily();
      families.set(name, family);
      family.head.set(word, family.head.get(word) ?? line);
    } else if (line !== '') family.samples.push(line);
  }
}
