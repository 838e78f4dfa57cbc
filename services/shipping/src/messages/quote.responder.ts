import { Injectable } from '@nestjs/common';
import { QuoteParcel } from '@waybill/contracts';
import { answers, Handles } from '@waybill/messaging';
import { Carriers } from '../clients/carrier.ts';

/** Answers requests for quotes, for each carrier from a queue of its own. */
@Injectable()
export class QuoteResponder {
  constructor(private readonly carriers: Carriers) {}

  @Handles()
  quote() {
    return this.carriers.all.map((carrier) =>
      answers(QuoteParcel, async (parcel) => ({ rate: await carrier.quote(parcel) }), {
        name: carrier.name,
      }),
    );
  }
}
