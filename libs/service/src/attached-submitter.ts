import type { Message } from '@waybill/contracts';
import { type Overloaded, type SubmitOptions, Submitter, Unavailable } from '@waybill/messaging';

/** The submitter of routes: theirs before there is a consumer, whose handlers come from the application. */
export class AttachedSubmitter extends Submitter {
  private target: Submitter | null = null;

  attach(target: Submitter): void {
    this.target = target;
  }

  /** True once messages can be submitted. */
  get isAttached(): boolean {
    return this.target !== null;
  }

  submit<A>(message: Message, options?: SubmitOptions): Promise<A> {
    if (!this.target) return Promise.reject(new Unavailable('this service is starting'));
    return this.target.submit<A>(message, options);
  }

  override overload(): Overloaded | undefined {
    return this.target?.overload();
  }
}
