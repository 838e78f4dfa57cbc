import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ShipmentEntity } from './shipment.entity.ts';

/** Reads shipments off the hot path. */
@Injectable()
export class ShipmentRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** The shipment with this id of its own, not of its order. */
  find(id: string): Promise<ShipmentEntity | null> {
    return this.dataSource.getRepository(ShipmentEntity).findOneBy({ id });
  }
}
