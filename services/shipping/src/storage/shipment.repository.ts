import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { ShipmentEntity } from './shipment.entity.ts';

/** Where a list of shipments goes on. */
export interface ShipmentPlace {
  readonly updatedAt: string;
  readonly orderId: string;
}

/** Reads shipments off the hot path. */
@Injectable()
export class ShipmentRepository {
  constructor(
    @InjectRepository(ShipmentEntity) private readonly shipments: Repository<ShipmentEntity>,
  ) {}

  /** The shipment with this id of its own, not of its order. */
  find(id: string): Promise<ShipmentEntity | null> {
    return this.shipments.findOneBy({ id });
  }

  /** Shipments of which a carrier told what is not applied; those that have waited longest come first. */
  unapplied(limit: number, after: ShipmentPlace | undefined): Promise<ShipmentEntity[]> {
    const query = this.shipments
      .createQueryBuilder('shipment')
      .where('shipment.hasUnappliedFacts')
      .orderBy('shipment.updatedAt')
      .addOrderBy('shipment.orderId')
      .limit(limit);
    if (after) {
      query.andWhere(
        '(shipment.updatedAt, shipment.orderId) > (:updatedAt::timestamptz, :orderId)',
        after,
      );
    }
    return query.getMany();
  }
}
