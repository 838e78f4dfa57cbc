import type { CarrierAnswer } from '@waybill/contracts/grpc';
import type { GrpcCaller } from '@waybill/grpc/client';
import { Pipeline } from '@waybill/resilience';
import { Observable } from 'rxjs';
import { CarrierQuotes, type QuoteRequest } from '../carrier-quotes.ts';
import { breaker } from './breaker.ts';

/** Milliseconds: longer than shipping waits for carriers. */
const deadline = 3_000;

/** Calls shipping by gRPC. */
export class RemoteQuotes extends CarrierQuotes {
  private readonly calls = new Pipeline('shipping', [breaker]);

  constructor(private readonly caller: GrpcCaller) {
    super();
  }

  stream(request: QuoteRequest): Observable<CarrierAnswer> {
    return new Observable((reader) => {
      const call = () =>
        new Promise<void>((resolve, reject) => {
          reader.add(resolve);
          const answers = this.caller.stream<CarrierAnswer>('StreamQuotes', request, { deadline });
          const next = (answer: CarrierAnswer) => reader.next(answer);
          reader.add(answers.subscribe({ next, error: reject, complete: resolve }));
        });
      this.calls.run(call).then(
        () => reader.complete(),
        (error: unknown) => reader.error(error),
      );
    });
  }
}
