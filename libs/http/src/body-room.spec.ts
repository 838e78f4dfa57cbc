import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { expect, it } from '@jest/globals';
import { BodyRoom } from './body-room.ts';

it('large bodies wait outside while there is no memory for them, and one of unknown length counts as the largest', () => {
  const room = new BodyRoom(100);
  const enter = (length?: number) => {
    const headers = length === undefined ? {} : { 'content-length': String(length) };
    const response = new EventEmitter();
    const problem = room.enter({ headers } as IncomingMessage, response as ServerResponse, 60);
    return { response, status: problem?.status };
  };

  const first = enter();
  expect([first.status, enter(40).status, enter(1).status]).toEqual([undefined, undefined, 503]);
  first.response.emit('close');
  expect(enter(60).status).toBeUndefined();
});
