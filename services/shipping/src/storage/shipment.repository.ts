import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, Repository } from 'typeorm';
import { ShipmentEntity } from './shipment.entity.ts';

/** Where a list of shipments continues. */
export interface ShipmentPlace {
  readonly updatedAt: string;
  readonly orderId: string;
}

/** Reads shipments outside the hot path. */
@Injectable()
export class ShipmentRepository {
  constructor(
    @InjectRepository(ShipmentEntity) private readonly shipments: Repository<ShipmentEntity>,
  ) {}

  /** The shipment with this shipment id, not the order's id. */
  find(id: string): Promise<ShipmentEntity | null> {
    return this.shipments.findOneBy({ id });
  }

  /** Those of several shipments that exist. */
  all(ids: readonly string[]): Promise<ShipmentEntity[]> {
    return this.shipments.find({ where: { id: In([...ids]) }, order: { id: 'ASC' } });
  }

  /** Shipments with a fact that is not applied; the longest waiting first. */
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
