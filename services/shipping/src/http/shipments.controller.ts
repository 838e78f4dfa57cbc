import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { givenInstant, orderId } from '@waybill/contracts';
import { Answers, type Page, PagedList, Problem, paging, Refuses, Roles } from '@waybill/http';
import { z } from 'zod';
import { ShipmentRepository } from '../storage/shipment.repository.ts';
import { type ShipmentView, shipmentPage, shipmentView, viewOf } from './shipment.view.ts';

const stateQuery = z.strictObject({ ...paging, state: z.literal('unapplied') });
const longestFirst = new PagedList(
  'shipments',
  z.strictObject({ updatedAt: givenInstant, orderId }),
);

/** Shipments as shown to operators. */
@ApiTags('Shipping')
@Roles('operator')
@Controller('api/v1/shipments')
export class ShipmentsController {
  constructor(private readonly shipments: ShipmentRepository) {}

  @Get()
  @ApiOperation({
    summary: 'Shipments with carrier reports that are not applied, oldest first',
    description:
      'A fact is `held` while its predecessor is missing, and applied when that comes. It `contradicts` when it can ' +
      'never be applied: the parcel has come to another end, is cancelled, or went to another carrier. Then somebody ' +
      'should ask the carrier.',
  })
  @Answers(200, shipmentPage, 'A page')
  async list(
    @Query({ schema: stateQuery }) query: z.output<typeof stateQuery>,
  ): Promise<Page<ShipmentView>> {
    const { state } = query;
    const { after, take, page } = longestFirst.read(query, { state });
    const { items, nextCursor } = page(await this.shipments.unapplied(take, after), (last) => ({
      updatedAt: last.updatedAt,
      orderId: last.orderId,
    }));
    return { items: items.map(viewOf), nextCursor };
  }

  @Get(':id')
  @ApiOperation({ summary: 'One shipment, with all reports of carriers' })
  @Answers(200, shipmentView, 'The shipment')
  @Refuses(404, 'unknown_shipment')
  async read(@Param('id', { schema: z.uuid() }) id: string): Promise<ShipmentView> {
    const found = await this.shipments.find(id);
    if (!found) throw new Problem(404, 'unknown_shipment', 'there is no such shipment');
    return viewOf(found);
  }
}
