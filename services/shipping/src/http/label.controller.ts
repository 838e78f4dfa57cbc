import { Controller, Get, Header, Inject, Param, Query, StreamableFile } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { mask } from '@waybill/contracts';
import { FieldCipher } from '@waybill/encryption';
import {
  AnswersAs,
  Caller,
  isOperator,
  Problem,
  Refuses,
  revealing,
  seesPersonalData,
  type Wish,
} from '@waybill/http';
import { CONFIG } from '@waybill/service';
import { z } from 'zod';
import { plainAddress } from '../clients/plain-address.ts';
import { isLive, type Shipment } from '../domain/shipment.ts';
import { labelOf, linesOf } from '../label/label.ts';
import { renderLabel } from '../label/render-label.ts';
import type { ShippingConfig } from '../shipping.config.ts';
import { ShipmentRepository } from '../storage/shipment.repository.ts';

const shipmentId = z.uuid();
const labelQuery = z.strictObject(revealing);

/** The label of a parcel, rendered on each read. */
@ApiTags('Shipping')
@Controller('api/v1/shipments')
export class LabelController {
  constructor(
    private readonly shipments: ShipmentRepository,
    @Inject(CONFIG) private readonly config: ShippingConfig,
    private readonly cipher: FieldCipher,
  ) {}

  @Get(':id/label.pdf')
  // Browsers' PDF viewers use scripts and styles of their own.
  @Header('content-security-policy', "frame-ancestors 'none'")
  @ApiOperation({ summary: 'The label of a parcel, as PDF' })
  @AnswersAs('application/pdf', 'The label')
  @Refuses(404, 'unknown_shipment')
  @Refuses(409, 'no_label')
  async label(
    @Param('id') id: string,
    @Query({ schema: labelQuery }) { reason }: z.output<typeof labelQuery>,
    @Caller() caller: Caller,
  ): Promise<StreamableFile> {
    const found = shipmentId.safeParse(id).success ? await this.shipments.find(id) : null;
    if (!found || !(isOperator(caller) || found.customerId === caller.id)) {
      throw new Problem(404, 'unknown_shipment', 'there is no such shipment');
    }
    if (!isLive(found)) {
      throw new Problem(409, 'no_label', `a shipment that is ${found.status} has no label`);
    }
    const label = labelOf(
      found,
      this.config.shipFrom,
      await this.receiver(found, { caller, reason }),
    );
    return new StreamableFile(await renderLabel(label), {
      type: 'application/pdf',
      disposition: `inline; filename="label-${found.trackingNumber}.pdf"`,
    });
  }

  private async receiver(
    { address, customerId }: Shipment,
    wish: Wish,
  ): Promise<readonly string[]> {
    if (!seesPersonalData(wish, customerId)) return [mask];
    const found = address && (await plainAddress(this.cipher, address));
    return found ? linesOf(found) : ['erased'];
  }
}
