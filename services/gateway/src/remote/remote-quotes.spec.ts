import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { type CarrierAnswer, ratesApi } from '@waybill/contracts/grpc';
import { GrpcController, Serves } from '@waybill/grpc';
import { Loopback } from '@waybill/grpc/testing';
import { until } from '@waybill/messaging/testing';
import { anAddress } from '@waybill/testing';
import { lastValueFrom, Observable, toArray } from 'rxjs';
import type { QuoteRequest } from '../carrier-quotes.ts';
import { RemoteQuotes } from './remote-quotes.ts';

const request: QuoteRequest = {
  lines: [{ sku: 'MUG', quantity: 2 }],
  shippingAddress: anAddress(),
  method: 'SHIPPING_METHOD_EXPRESS',
};
let open = 0;

/** One carrier answers with the method, the other when the call is cancelled. */
@GrpcController()
class Shipping {
  @Serves(ratesApi)
  streamQuotes({ method, lines }: QuoteRequest): Observable<CarrierAnswer> {
    return new Observable((reader) => {
      open += 1;
      reader.add(() => {
        open -= 1;
      });
      reader.next({ carrier: method, noOffer: {} });
      if (lines.length === 1) reader.complete();
    });
  }
}

let shipping: Loopback;
let quotes: RemoteQuotes;
beforeEach(async () => {
  shipping = await Loopback.start({ api: ratesApi, module: { controllers: [Shipping] } });
  quotes = new RemoteQuotes(shipping.caller());
});
afterEach(() => shipping.close());

it('passes on what carriers answer, until the end', async () => {
  const answers = await lastValueFrom(quotes.stream(request).pipe(toArray()));
  expect(answers.map(({ carrier }) => carrier)).toEqual(['SHIPPING_METHOD_EXPRESS']);
});

it('calls shipping no longer than somebody reads', async () => {
  const seen: CarrierAnswer[] = [];
  const lines = [...request.lines, { sku: 'PEN', quantity: 1 }];
  const reading = quotes.stream({ ...request, lines }).subscribe((answer) => seen.push(answer));
  await until(() => seen.length === 1 && open === 1);
  reading.unsubscribe();
  await until(() => open === 0);
});

it('calls shipping no more for a moment when it stays away', async () => {
  await shipping.transport.stop(0);
  const codes = new Set<string>();
  for (let tries = 0; tries < 10; tries += 1) {
    await lastValueFrom(quotes.stream(request)).catch(({ code }) => codes.add(code));
  }
  expect([...codes]).toEqual(['unavailable', 'circuit_open']);
});
