import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Body, Controller, Delete, Get, Param, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Roles } from '../auth/caller.ts';
import { Problem } from '../problem.ts';
import { type EdgeApp, edgeApp } from '../testing/edge-app.ts';
import type { ActionEnd, AuditTrail, OperatorAction } from './audit-trail.ts';
import { Unaudited } from './unaudited.ts';

/** The audit in memory: each action with how it ended. */
class Trail implements AuditTrail {
  readonly actions: (OperatorAction & { end?: ActionEnd })[] = [];
  away = false;

  async began(action: OperatorAction): Promise<void> {
    if (this.away) throw Object.assign(new Error('no database'), { code: 'ECONNREFUSED' });
    this.actions.push({ ...action });
  }

  async ended(id: string, end: ActionEnd): Promise<void> {
    if (this.away) throw new Error('no database');
    Object.assign(this.actions.find((each) => each.id === id) ?? {}, { end });
  }
}

const trail = new Trail();
const reasoned = z.strictObject({ reason: z.string().max(600).optional() });
const done: string[] = [];

@Controller('things')
class ThingsController {
  @Get(':id')
  read(@Param('id') id: string, @Query({ schema: reasoned }) _: object) {
    done.push(`read ${id} after ${trail.actions.length}`);
    return { id };
  }

  @Post()
  async create(@Res() reply: FastifyReply) {
    await reply.status(202).header('location', '/things/17').send('{}');
  }

  @Post(':id/parts/:part')
  change(@Param('id') id: string, @Body({ schema: reasoned }) _: object) {
    if (id === 'sold') throw new Problem(409, 'wrong_state', 'it is sold');
    if (id === 'last') trail.away = true;
    done.push(`change ${id}`);
  }

  @Post('tickets')
  @Unaudited()
  ticket() {
    return {};
  }

  @Delete(':id')
  @Roles('operator')
  remove(@Param('id') id: string) {
    done.push(`remove ${id}`);
  }
}

let edge: EdgeApp;
beforeAll(async () => {
  edge = await edgeApp([ThingsController], { audit: trail });
});
afterAll(() => edge.app.close());
beforeEach(() => {
  trail.actions.length = 0;
  trail.away = false;
  done.length = 0;
});

const send = async (
  method: 'GET' | 'POST' | 'DELETE',
  url: string,
  { token = 'operator', payload }: { token?: string; payload?: object } = {},
) =>
  (
    await edge.fastify.inject({
      method,
      url,
      headers: { authorization: `Bearer ${token}` },
      ...(payload ? { payload } : {}),
    })
  ).statusCode;

describe('the audit', () => {
  it('has who changed what, for what reason, and how it ended', async () => {
    await send('POST', '/things/17/parts/4', { payload: { reason: 'ticket 7' } });
    expect(trail.actions).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        operator: 'ada@example.com',
        action: 'POST /things/{id}/parts/{part}',
        subject: '17/4',
        reason: 'ticket 7',
        end: { status: 201, subject: null },
      },
    ]);
  });

  it('has what an action has created', async () => {
    expect(await send('POST', '/things')).toBe(202);
    expect(trail.actions).toMatchObject([{ subject: null, end: { status: 202, subject: '17' } }]);
  });

  it('has a read only with a reason, and has it before anything is read', async () => {
    await send('GET', '/things/17');
    await send('GET', '/things/17?reason=ticket%207');
    expect(done).toEqual(['read 17 after 0', 'read 17 after 1']);
    expect(trail.actions).toMatchObject([{ action: 'GET /things/{id}', reason: 'ticket 7' }]);
  });

  it('has nothing of a route that changes nothing lasting, which works also while it cannot store', async () => {
    trail.away = true;
    expect(await send('POST', '/things/tickets')).toBe(201);
    expect(trail.actions).toEqual([]);
  });

  it('has what was refused, and why', async () => {
    await send('POST', '/things/sold/parts/1', { payload: {} });
    await send('POST', '/things/17/parts/1', { payload: { reason: 7 } });
    expect(trail.actions.map(({ end }) => end?.status)).toEqual([409, 400]);
  });

  it('keeps no more of a reason than it has room for', async () => {
    await send('GET', `/things/17?reason=${'x'.repeat(600)}`);
    expect(trail.actions[0]?.reason).toHaveLength(500);
  });

  it('has nothing that customers do, nor what they may not do', async () => {
    await send('POST', '/things/17/parts/4', { token: 'ada', payload: {} });
    await send('GET', '/things/17?reason=mine', { token: 'ada' });
    expect(await send('DELETE', '/things/17', { token: 'ada' })).toBe(403);
    expect(trail.actions).toEqual([]);
  });

  it('lets nothing happen that it cannot store', async () => {
    trail.away = true;
    expect(await send('DELETE', '/things/17')).toBe(503);
    expect(done).toEqual([]);
  });

  it('does not hide that an action was done when its end cannot be stored', async () => {
    expect(await send('POST', '/things/last/parts/1', { payload: {} })).toBe(201);
    expect(trail.actions).toMatchObject([{ subject: 'last/1' }]);
    expect(trail.actions[0]).not.toHaveProperty('end');
    expect(edge.lines.join('\n')).toContain('the audit lacks how an action ended');
  });
});
