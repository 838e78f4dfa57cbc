import { describe, expect, it } from '@jest/globals';
import { eventually } from './system/eventually.ts';
import { openStreams, upTo } from './system/open-streams.ts';
import { useSystem } from './system/test-system.ts';

describe('the stream of an order', () => {
  const system = useSystem({ STREAMS_PER_CALLER: '4', STREAMS: '6' });
  const open = openStreams();

  it('tells of a version long before it would look by itself', async () => {
    const ada = await system().as('ada');
    const { body } = await ada.placeOrder({ payment: { method: 'card', token: 'tok_slow' } });
    const reader = await open(ada, body.id);
    const { version } = await ada.settled(body.id);
    // By itself it looks every 15 seconds.
    await reader.reaches(version);
  });

  it('is open so often for one caller and for all, and again when one is closed', async () => {
    const ada = await system().as('ada');
    const ops = await system().as('ops');
    const { id } = await ada.buy();
    // Streams of earlier tests end only when the system notices that their readers have left.
    const opened = await eventually('there is room for all', async () => {
      const four = await Promise.all(upTo(4).map(() => open(ada, id)));
      if (four.every(({ answer }) => answer.statusCode === 200)) return four;
      for (const reader of four) reader.close();
      return false;
    });
    const refused = await open(ada, id);
    expect([refused.answer.statusCode, refused.answer.headers['retry-after']]).toEqual([429, '5']);
    await open(ops, id);
    await open(ops, id);
    expect((await open(ops, id)).answer.statusCode).toBe(503);
    for (const reader of opened) reader.close();
    await eventually('there is room again', async () => {
      const { statusCode } = (await open(ada, id)).answer;
      return statusCode === 200;
    });
  });

  it('ends in order when the system stops, at once, and goes on where it was after a start', async () => {
    const ada = await system().as('ada');
    const { body } = await ada.placeOrder({ payment: { method: 'card', token: 'tok_slow' } });
    const reader = await open(ada, body.id, { lastEventId: '0' });
    await reader.reaches(1);
    const { code } = await system().stop();
    expect([code, reader.ended]).toEqual([0, true]);
    await system().start();
    const seen = reader.ids;
    const again = await open(ada, body.id, { lastEventId: String(seen.at(-1)) });
    const { id } = await again.reachesStatus('confirmed');
    expect([...seen, ...again.ids]).toEqual(upTo(id));
  });

  it('is complete for a reader who comes again after the system was killed', async () => {
    const ada = await system().as('ada');
    const { body } = await ada.placeOrder({ payment: { method: 'card', token: 'tok_slow' } });
    const reader = await open(ada, body.id, { lastEventId: '0' });
    await reader.reaches(1);
    await system().kill9();
    await system().start();
    const seen = reader.ids;
    const again = await open(ada, body.id, { lastEventId: String(seen.at(-1)) });
    const { id } = await again.reachesStatus('confirmed');
    expect([...seen, ...again.ids]).toEqual(upTo(id));
  });

  it('leaves every invariant intact', async () => {
    expect(await system().verify()).toEqual([]);
  });
});
