import type { SagaRefusal } from '@waybill/saga';

/** An operator asked a saga for what would do harm now, or for a saga that is not there. */
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
