import { defineSaga } from '@waybill/saga';
import type { z } from 'zod';
import * as messages from './enrolment.messages.ts';

const data = messages.wanted.schema;

/** A seat first, then the invoice; a seat without an invoice is given back. */
export const enrolSaga = defineSaga<z.output<typeof data>>({
  name: 'enrol',
  version: 1,
  data,
  key: ({ id }) => id,
  steps: (step) => [
    step('reserve-seat', {
      send: (wanted) => messages.ReserveSeat(wanted),
      succeedsOn: messages.SeatReserved,
      failsOn: messages.SeatRefused,
      undo: ({ id }) => messages.ReleaseSeat({ id }),
      undoneOn: messages.SeatReleased,
    }),
    step('send-invoice', {
      send: (wanted) => messages.SendInvoice(wanted),
      succeedsOn: messages.InvoiceSent,
    }),
  ],
  onComplete: ({ id }) => [messages.Confirmed({ id })],
  onAbort: ({ id }, reason) => [messages.Refused({ id, reason })],
});
