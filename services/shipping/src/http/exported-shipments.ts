import { Injectable } from '@nestjs/common';
import { onePage, PersonalParts } from '@waybill/service';
import { ShipmentRepository } from '../storage/shipment.repository.ts';
import { viewOf } from './shipment.view.ts';

/** Shipments of a customer, for an export; their addresses are in the orders. */
@Injectable()
export class ExportedShipments {
  constructor(parts: PersonalParts, shipments: ShipmentRepository) {
    parts.add('shipments', async ({ about = [] }) =>
      onePage((await shipments.all(about)).map(viewOf)),
    );
  }
}
