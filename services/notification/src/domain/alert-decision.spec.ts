import { describe, expect, it } from '@jest/globals';
import { newId } from '@waybill/contracts';
import type { Alert, Silence } from './alert.ts';
import { decideAlerts, type Situation } from './alert-decision.ts';
import {
  type BadCheck,
  type Observation,
  type ObservedProcess,
  observedAfter,
} from './observation.ts';

const start = new Date('2026-11-30T12:00:00.000Z');
const later = (ms: number): Date => new Date(start.getTime() + ms);
const hour = 3_600_000;

const check = (name: string, more: Partial<BadCheck> = {}): BadCheck => ({
  name,
  status: 'unhealthy',
  value: 5,
  threshold: { degraded: 3, unhealthy: 4 },
  unit: 'things',
  ...more,
});
const process = (service: string, ...bad: BadCheck[]): ObservedProcess => ({
  service,
  answered: true,
  bad,
});
const observed = (now: Date, ...processes: ObservedProcess[]): Observation => ({
  source: 'one',
  at: now.toISOString(),
  processes,
});
const decide = (now: Date, more: Partial<Situation>) =>
  decideAlerts({
    observations: [],
    open: [],
    silences: [],
    now,
    since: start,
    repeatAfter: 4 * hour,
    newId: () => newId(),
    ...more,
  });
/** The alerts that follow from one observation. */
const raised = (...bad: BadCheck[]): Alert[] => [
  ...decide(start, { observations: [observed(start, process('order', ...bad))] }).write,
];
const told = ({ send }: ReturnType<typeof decide>) =>
  send.map(({ alert, event }) => `${alert.rule} ${event}`);

describe('a finding', () => {
  it.each([
    [check('depth'), ['channel-depth']],
    [check('depth', { status: 'degraded' }), []],
    [check('breaker-north', { status: 'degraded' }), ['open-breaker']],
    [check('slo-orders-fast', { status: 'degraded' }), ['slow-orders']],
    [check('reachable', { status: 'degraded' }), ['service-away']],
    [check('disk'), ['unhealthy-check']],
    [check('memory', { status: 'degraded' }), []],
  ] as const)('%j raises %j', (bad, rules) => {
    expect(raised(bad).map(({ rule }) => rule)).toEqual(rules);
  });

  it('of several replicas is one alert, with the worst value', () => {
    const observations = [
      observed(
        start,
        process('order', check('depth', { value: 7, about: 'a' })),
        process('order', check('depth', { value: 9, about: 'b' })),
        process('order', check('depth', { value: 8, about: 'c' })),
      ),
    ];
    expect(decide(start, { observations }).write).toMatchObject([{ value: 9, about: 'b' }]);
  });

  it('is not that gateways are silent while notification itself has just started', () => {
    const observations = [observed(start, process('order', check('depth')))];
    const rulesAt = (now: Date, since: Date) =>
      decide(now, { observations, since }).write.map(({ rule }) => rule);
    expect(rulesAt(later(hour), later(hour - 59_000))).toEqual([]);
    expect(rulesAt(later(hour), later(hour - 60_000))).toEqual(['no-observations']);
  });

  it('that was seen too long ago is none', () => {
    const observations = [observed(start, process('order', check('depth')))];
    const { write } = decide(later(61_000), { observations });
    expect(write.map(({ rule }) => rule)).toEqual(['no-observations']);
    expect(decide(start, {}).write).toEqual([]);
  });
});

describe('a value that is unknown', () => {
  const unknown = check('outbox-age', { value: null });
  const away: ObservedProcess = { service: 'order', answered: false, bad: [check('reachable')] };
  /** What a gateway has seen last, after observations of these processes. */
  const after = (...all: (readonly ObservedProcess[])[]): Observation => {
    const given: readonly Observation[] = all.map((processes) => observed(start, ...processes));
    const last = given.reduce<Observation | null>(observedAfter, null);
    if (last === null) throw new Error('nothing was observed');
    return last;
  };
  const rulesAfter = (...all: (readonly ObservedProcess[])[]): string[] =>
    decide(start, { observations: [after(...all)] }).write.map(({ rule }) => rule);

  it.each([
    ['a check', process('order', unknown), 'outbox-age'],
    [
      'a check that reads the database',
      process('order', { ...unknown, name: 'database' }),
      'unhealthy-check',
    ],
    ['a process', away, 'service-away'],
  ] as const)(
    'given %s that does not answer, when it was so three times in a row, then it is an alert, and no sooner',
    (_, silent, rule) => {
      expect(rulesAfter([silent])).toEqual([]);
      expect(rulesAfter([silent], [silent])).toEqual([]);
      expect(rulesAfter([silent], [silent], [silent])).toEqual([rule]);
      expect(rulesAfter([silent], [silent], [silent], [silent])).toEqual([rule]);
    },
  );

  it('given one that answers in between, when it is unknown again, then the count begins anew', () => {
    const silent = [process('order', unknown)];
    expect(rulesAfter(silent, silent, [process('order')], silent, silent)).toEqual([]);
  });

  it('given a value over its limit, when it is seen once, then it is an alert at once, also after unknown ones', () => {
    const old = [process('order', check('outbox-age'))];
    expect(rulesAfter(old)).toEqual(['outbox-age']);
    expect(rulesAfter([process('order', unknown)], old)).toEqual(['outbox-age']);
  });

  it('given replicas that restart one after another, when each is away once, then it is no alert', () => {
    const here = process('order');
    expect(rulesAfter([away, here, here], [here, away, here], [here, here, away])).toEqual([]);
  });

  it('given other checks that are bad, when one is unknown once, then only those are alerts', () => {
    expect(rulesAfter([process('order', unknown, check('disk'))])).toEqual(['unhealthy-check']);
  });

  it('given an open alert, when its value is unknown, then it neither ends nor changes', () => {
    const open = raised(check('outbox-age'));
    const at = (...all: (readonly ObservedProcess[])[]) =>
      decide(start, { open, observations: [after(...all)] });
    expect(at([process('order', unknown)]).write).toEqual([]);
    expect(at([process('order'), process('order', unknown)]).write).toEqual([]);
    expect(told(at([process('order', unknown)], [process('order')]))).toEqual([
      'outbox-age resolved',
    ]);
  });
});

describe('an open alert', () => {
  it('stays as it was raised, and is sent again after hours only', () => {
    const open = raised(check('depth'));
    const at = (now: Date) =>
      decide(now, {
        open,
        observations: [observed(now, process('order', check('depth', { value: 6 })))],
      });
    expect(at(later(60_000)).write).toMatchObject([{ id: open[0]?.id, value: 6 }]);
    expect(told(at(later(60_000)))).toEqual([]);
    expect(told(at(later(4 * hour)))).toEqual(['channel-depth firing']);
  });

  it('is resolved when its service answers without it, and not when it does not answer', () => {
    const open = raised(check('depth'));
    const now = later(10_000);
    const away = { service: 'order', answered: false, bad: [check('reachable')] };
    const silent = decide(now, { open, observations: [observed(now, away)] });
    expect(silent.write.map(({ rule, state }) => `${rule} ${state}`)).toEqual([
      'service-away firing',
    ]);
    const well = decide(now, { open, observations: [observed(now, process('order'))] });
    expect(well.write).toMatchObject([{ state: 'resolved', resolvedAt: now.toISOString() }]);
    expect(told(well)).toEqual(['channel-depth resolved']);
  });

  it('about a process that did not answer ends when it does', () => {
    const open = raised(check('reachable'));
    const now = later(10_000);
    expect(told(decide(now, { open, observations: [observed(now, process('order'))] }))).toEqual([
      'service-away resolved',
    ]);
  });

  it('of which nobody was told ends without a word', () => {
    const silence: Silence = {
      id: newId(),
      rule: null,
      service: 'order',
      comment: '',
      createdBy: 'ops',
      createdAt: start.toISOString(),
      endsAt: later(hour).toISOString(),
    };
    const observations = [observed(start, process('order', check('depth')))];
    const silenced = decide(start, { observations, silences: [silence] });
    expect([silenced.write.length, told(silenced)]).toEqual([1, []]);
    const now = later(2 * hour);
    const well = decide(now, {
      open: [...silenced.write],
      observations: [observed(now, process('order'))],
      silences: [silence],
    });
    expect([well.write[0]?.state, told(well)]).toEqual(['resolved', []]);
  });
});
