import type { SagaRefusal } from '@waybill/saga';

/** An operator's request would do harm in the current state, or its saga does not exist. */
export class SagaRefused extends Error {
  readonly retriable = false;
  constructor(
    readonly code: SagaRefusal['code'] | 'not_found',
    message: string,
  ) {
    super(message);
    this.name = 'SagaRefused';
  }
}
