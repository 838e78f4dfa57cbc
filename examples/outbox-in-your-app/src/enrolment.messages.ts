import { command, event, reply } from '@waybill/messaging';
import { z } from 'zod';

const key = ({ id }: { id: string }) => id;
const ofOne = { key, schema: z.strictObject({ id: z.uuid() }) };
export const wanted = { key, schema: z.strictObject({ id: z.uuid(), course: z.string() }) };
const refused = { key, schema: z.strictObject({ id: z.uuid(), reason: z.string() }) };

export const Requested = event('enrolment.requested', { ...wanted, summary: 'A seat is wanted.' });
export const Confirmed = event('enrolment.confirmed', { ...ofOne, summary: 'The seat is given.' });
export const Refused = event('enrolment.refused', { ...refused, summary: 'No seat is given.' });

export const ReserveSeat = command('seats.reserve', { ...wanted, summary: 'Keep a seat.' });
export const SeatReserved = reply('seats.reserved', { ...ofOne, summary: 'A seat is kept.' });
export const SeatRefused = reply('seats.refused', { ...refused, summary: 'There is no seat.' });
export const ReleaseSeat = command('seats.release', { ...ofOne, summary: 'Give the seat back.' });
export const SeatReleased = reply('seats.released', { ...ofOne, summary: 'The seat is free.' });

export const SendInvoice = command('invoices.send', { ...wanted, summary: 'Write an invoice.' });
export const InvoiceSent = reply('invoices.sent', { ...ofOne, summary: 'It is written.' });
