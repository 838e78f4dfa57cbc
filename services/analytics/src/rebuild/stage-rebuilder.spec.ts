import { expect, it } from '@jest/globals';
import { embeddedBroker } from '@waybill/embedded-broker';
import { guaranteeing, oneBroker } from '@waybill/messaging';
import { HandClock } from '@waybill/messaging/testing';
import { Jobs, Projections } from '@waybill/service';
import { StageRebuilder } from './stage-rebuilder.ts';

const forgets = 'embedded does not keep what it has delivered';
const mixes =
  'its messages come in the order of sessions, so those of one customer would be late after one another';

it.each([
  ['windows', forgets],
  ['sessions', forgets],
  ['enrichment', mixes],
  ['processing', mixes],
])('refuses to build %s again where it cannot, and says why', async (name, why) => {
  const broker = embeddedBroker();
  const projections = new Projections(new Jobs('analytics'));
  const open = async () => undefined;
  new StageRebuilder(
    { open } as never,
    {} as never,
    oneBroker(broker),
    new HandClock(),
    projections,
  );
  await expect(projections.rebuild(name, 'ops')).rejects.toMatchObject({
    status: 409,
    code: 'not_rebuildable',
    detail: `${name} is not built again: ${why}`,
  });
  const listed = await projections.list();
  expect(listed.find((each) => each.name === name)).toMatchObject({ rebuildable: false });
  await broker.close();
});

it('given a stage that is built again, when another is asked for, then it is refused; the same one has the same job', async () => {
  const startedAt = '2026-11-30T12:00:00.000Z';
  const underWay = { id: '1', stage: 'windows', requestedBy: 'ops', expected: null, startedAt };
  const projections = new Projections(new Jobs('analytics'));
  new StageRebuilder(
    { begin: async () => ({ ...underWay, finishedAt: null }) } as never,
    {} as never,
    oneBroker({ guarantees: guaranteeing('replayable'), stats: async () => [] } as never),
    new HandClock(),
    projections,
  );
  await expect(projections.rebuild('sessions', 'ops')).rejects.toMatchObject({
    status: 409,
    code: 'not_rebuildable',
    detail:
      'sessions is not built again: windows is now, one at a time; repeat it when that is done',
  });
  expect(await projections.rebuild('windows', 'ops')).toMatchObject({
    id: 'analytics.1',
    state: 'running',
    startedAt,
  });
});

it('begins with no timer set, because a timer of before has the id of one to come', async () => {
  const done: string[] = [];
  let isSet = true;
  const rebuilds = {
    open: async () => ({ id: '1', stage: 'windows', requestedBy: 'ops', expected: null }),
    hasTimers: async () => isSet,
    reset: async () => done.push('reset'),
    replays: async () => done.push('replays'),
  };
  const operations = { seek: async (_: string, to: string) => done.push(to) };
  const channels = {
    hold: async () => done.push('hold'),
    release: async () => done.push('release'),
  };
  const rebuilder = new StageRebuilder(
    rebuilds as never,
    channels as never,
    oneBroker({
      guarantees: guaranteeing('replayable'),
      stats: async () => [],
      operations,
    } as never),
    new HandClock(),
    new Projections(new Jobs('analytics')),
  );
  await rebuilder.work({} as never);
  expect(done.splice(0)).toEqual(['hold', 'earliest']);
  isSet = false;
  await rebuilder.work({} as never);
  expect(done).toEqual(['hold', 'earliest', 'latest', 'reset', 'release', 'replays']);
});
