import { defineSaga } from '@waybill/saga';
import type { z } from 'zod';
import * as messages from './enrolment.messages.ts';

/** Reserves a seat, then sends the invoice; if the saga aborts, its undo releases the seat. */
export const enrolSaga = defineSaga<z.output<typeof messages.wanted.schema>>({
  name: 'enrol',
  version: 1,
  data: messages.wanted.schema,
  key: ({ id }) => id,
  steps: (step) => [
    step('reserve-seat', {
      send: messages.ReserveSeat,
      succeedsOn: messages.SeatReserved,
      failsOn: messages.SeatRefused,
      undo: ({ id }) => messages.ReleaseSeat({ id }),
      undoneOn: messages.SeatReleased,
    }),
    step('send-invoice', { send: messages.SendInvoice, succeedsOn: messages.InvoiceSent }),
  ],
  onComplete: ({ id }) => [messages.Confirmed({ id })],
  onAbort: ({ id }, reason) => [messages.Refused({ id, reason })],
});
