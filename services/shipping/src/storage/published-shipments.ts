import { BookAtCarrier, type Message, SettleCancel, WithdrawBooking } from '@waybill/contracts';
import type { PublishedContext, PublishedMessage } from '@waybill/service';
import { type EntityManager, In, MoreThanOrEqual } from 'typeorm';
import { movesOf } from '../domain/carrier-facts.ts';
import { nameOf, type ShipmentStatus } from '../domain/shipment.ts';
import { ShipmentEntity } from './shipment.entity.ts';

const open: readonly ShipmentStatus[] = ['quoted', 'withdrawing', 'cancel_pending'];
const because = 'the booking is withdrawn once more';
const pageSize = 500;

/** Pending work at carriers, whatever its age, and the moves of parcels. */
export async function* publishedShipments({
  dataSource,
  since,
}: PublishedContext): AsyncIterable<PublishedMessage> {
  const { manager } = dataSource;
  for (const shipment of await manager.findBy(ShipmentEntity, { status: In(open) })) {
    const message = stillToDo(shipment);
    if (message) yield { message, causeId: null, at: new Date(), sequence: null };
  }
  for await (const shipment of movedSince(manager, since)) {
    for (const message of movesOf(shipment)) {
      yield { message, causeId: null, at: new Date(shipment.updatedAt), sequence: null };
    }
  }
}

function stillToDo(shipment: ShipmentEntity): Message | undefined {
  const { carrier, status } = shipment;
  if (carrier === null) return undefined;
  const named = nameOf(shipment);
  if (status === 'quoted') return BookAtCarrier({ ...named, carrier }) as Message;
  if (status === 'withdrawing') return WithdrawBooking({ ...named, carrier, because }) as Message;
  return SettleCancel({ ...named, carrier }) as Message;
}

async function* movedSince(manager: EntityManager, since: Date): AsyncIterable<ShipmentEntity> {
  const order = { orderId: 'ASC' } as const;
  for (let skip = 0; ; skip += pageSize) {
    const where = { updatedAt: MoreThanOrEqual(since.toISOString()) };
    const page = await manager.find(ShipmentEntity, { where, order, skip, take: pageSize });
    yield* page;
    if (page.length < pageSize) return;
  }
}
