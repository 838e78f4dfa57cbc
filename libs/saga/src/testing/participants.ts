import type { Message } from '@waybill/contracts';
import {
  AuthorizePayment,
  BookShipment,
  CancelShipment,
  CapturePayment,
  CommitStock,
  ReleaseStock,
  ReserveStock,
  VoidPayment,
} from '@waybill/contracts';
import { example } from './place-order.example.ts';

/** What a participant knows of its operation. */
export type Operation = 'unknown' | 'done' | 'refused' | 'undone';

interface Part {
  readonly step: string;
  readonly yes: Message;
  readonly no?: Message;
}

const dos: Readonly<Record<string, Part>> = {
  [ReserveStock.type]: {
    step: 'reserve-stock',
    yes: example.reserved,
    no: example.outOfStock,
  },
  [AuthorizePayment.type]: {
    step: 'authorize-payment',
    yes: example.authorized,
    no: example.declined,
  },
  [BookShipment.type]: { step: 'book-shipment', yes: example.booked, no: example.noCarrier },
  [CapturePayment.type]: {
    step: 'capture-payment',
    yes: example.captured,
    no: example.captureRefused,
  },
  [CommitStock.type]: { step: 'commit-stock', yes: example.committed },
};

const undos: Readonly<Record<string, Part>> = {
  [ReleaseStock.type]: { step: 'reserve-stock', yes: example.released },
  [VoidPayment.type]: { step: 'authorize-payment', yes: example.voided },
  [CancelShipment.type]: { step: 'book-shipment', yes: example.shipmentCancelled },
};

/** Participants with the rules of do and undo: a repetition answers the same, and what is undone stays undone. */
export class Participants {
  readonly operations = new Map<string, Operation>();

  /** `refuses` names the steps that will be answered with no. */
  constructor(private readonly refuses: ReadonlySet<string>) {}

  /** Carries out a command and answers it. */
  take(command: Message): Message {
    const { type } = command.contract;
    const undo = undos[type];
    if (undo) {
      this.operations.set(undo.step, 'undone');
      return undo.yes;
    }
    const part = dos[type];
    if (!part) throw new TypeError(`nobody takes ${type}`);
    const known = this.operations.get(part.step) ?? 'unknown';
    const now = known === 'unknown' ? this.decide(part) : known;
    this.operations.set(part.step, now);
    return now === 'done' ? part.yes : (part.no ?? part.yes);
  }

  private decide(part: Part): Operation {
    return part.no && this.refuses.has(part.step) ? 'refused' : 'done';
  }
}
