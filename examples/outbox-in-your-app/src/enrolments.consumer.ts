import { Injectable } from '@nestjs/common';
import { type DataOf, Handles, on } from '@waybill/messaging';
import { Outbox } from '@waybill/persistence';
import { begin, sagaId, sagas } from '@waybill/saga';
import type { EntityManager } from 'typeorm';
import { enrolSaga } from './enrol.saga.ts';
import { Enrolment } from './enrolment.entity.ts';
import * as messages from './enrolment.messages.ts';

const courses = ['rowing', 'sailing'];

@Injectable()
export class EnrolmentsConsumer {
  constructor(private readonly outbox: Outbox) {}

  /** Returns a decision and writes nothing itself, so many decisions are committed together. */
  @Handles()
  start() {
    return on(messages.Requested, sagas, {
      state: ({ id }) => sagaId(enrolSaga, id),
      begins: true,
      decide: (known, data, { now }) => {
        if (known) return {};
        const { state, send } = begin(enrolSaga, data, { now });
        return { changes: [sagas.put(state)], send };
      },
    });
  }

  /** A transactional handler: its writes and messages are committed together with the inbox entry. */
  @Handles(messages.ReserveSeat)
  async reserve({ id, course }: DataOf<typeof messages.ReserveSeat>, manager: EntityManager) {
    const isKnown = courses.includes(course);
    if (isKnown) await manager.increment(Enrolment, { id }, 'seats', 1);
    const refusal = { id, reason: 'no such course' };
    const answer = isKnown ? messages.SeatReserved({ id }) : messages.SeatRefused(refusal);
    await this.outbox.add(manager, answer);
  }

  @Handles(messages.ReleaseSeat)
  async release({ id }: DataOf<typeof messages.ReleaseSeat>, manager: EntityManager) {
    await manager.decrement(Enrolment, { id }, 'seats', 1);
    await this.outbox.add(manager, messages.SeatReleased({ id }));
  }

  @Handles(messages.SendInvoice)
  async invoice({ id }: DataOf<typeof messages.SendInvoice>, manager: EntityManager) {
    await manager.increment(Enrolment, { id }, 'invoices', 1);
    await this.outbox.add(manager, messages.InvoiceSent({ id }));
  }

  @Handles(messages.Confirmed)
  async confirm({ id }: DataOf<typeof messages.Confirmed>, manager: EntityManager) {
    await manager.update(Enrolment, { id }, { status: 'confirmed' });
  }

  @Handles(messages.Refused)
  async refuse({ id }: DataOf<typeof messages.Refused>, manager: EntityManager) {
    await manager.update(Enrolment, { id }, { status: 'refused' });
  }
}
