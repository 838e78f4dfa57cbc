import { describe, expect, it } from '@jest/globals';
import type { Message } from '@waybill/contracts';
import { type SubmitOptions, Submitter } from '@waybill/messaging';
import { currentRequest, inRequest, RequestContext } from './http/request-context.ts';
import { TracedSubmitter } from './traced-doors.ts';

class Noted extends Submitter {
  options: SubmitOptions | undefined;
  request: RequestContext | undefined;

  async submit<A>(_: Message, options?: SubmitOptions): Promise<A> {
    this.options = options;
    this.request = currentRequest();
    return undefined as A;
  }
}

describe('the submitter of routes', () => {
  it('gives messages the correlation of the request, and not the request itself: a batch serves others', async () => {
    const target = new Noted();
    const submitter = new TracedSubmitter();
    submitter.attach(target);
    const context = new RequestContext(undefined);
    await inRequest(context, async () => {
      await submitter.submit({} as Message, { deadline: 5 });
      expect(currentRequest()).toBe(context);
    });
    const { correlationId, traceparent } = context;
    expect(target.options).toEqual({ correlationId, traceparent, deadline: 5 });
    expect(target.request).toBeUndefined();
  });
});
