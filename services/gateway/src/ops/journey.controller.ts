import { Controller, Get, Param, Req } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { allContracts } from '@waybill/contracts';
import { Caller, isOperator, type JourneyRow, Problem } from '@waybill/service';
import { z } from 'zod';
import { OrderOwner } from '../order-owner.ts';
import { Upstreams } from '../upstream.ts';
import { inCausalOrder } from './causal-order.ts';

const kinds = new Map(allContracts.map(({ type, kind }) => [type, kind as string]));
const params = z.strictObject({ id: z.string().max(100) });

/** Every message and step of an order, from all services, in causal order. */
@ApiTags('Orders')
@Controller('api/v1/orders')
export class JourneyController {
  constructor(
    private readonly upstreams: Upstreams,
    private readonly owner: OrderOwner,
  ) {}

  @Get(':id/journey')
  @ApiOperation({ summary: 'Every message of an order, in causal order' })
  async journey(
    @Param({ schema: params }) { id }: z.output<typeof params>,
    @Caller() caller: Caller,
    @Req() request: { headers: { authorization?: string } },
  ) {
    if (!(await this.owner.sees(id, request.headers.authorization ?? ''))) {
      throw new Problem(404, 'not_found', `there is no order ${id}`);
    }
    const parts = await Promise.allSettled(
      this.upstreams.all.map(({ operations }) => operations.journey(id)),
    );
    const rows = parts.flatMap((part) => (part.status === 'fulfilled' ? part.value : []));
    const missing = this.upstreams.all.filter((_, i) => parts[i]?.status === 'rejected');
    return {
      items: inCausalOrder(rows).map((row) => shown(row, isOperator(caller))),
      nextCursor: null,
      missing: missing.map(({ name }) => name),
    };
  }
}

/** Customers see what happened to their order, not how often it failed inside. */
function shown(row: JourneyRow, operator: boolean) {
  const { at, name, from, to, broker, channel, messageId, causationId, attempt, durationMs } = row;
  const kind = kinds.get(name) ?? 'http';
  const told = {
    at,
    kind,
    name,
    from,
    to,
    broker,
    channel,
    messageId,
    causationId,
    attempt,
    durationMs,
  };
  return operator ? { ...told, group: row.group, outcome: row.outcome } : told;
}
