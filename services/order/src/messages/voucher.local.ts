import { local } from '@waybill/contracts';
import { z } from 'zod';
import type { VoucherTerms } from '../domain/voucher.ts';

/** An operator creates a voucher. The route has validated every field. */
export const CreateVoucher = local('order.create-voucher', {
  summary: 'Create a voucher.',
  schema: z.custom<VoucherTerms>(),
  key: (data) => data.code,
});

/** An operator disables a voucher; orders that hold it keep it. */
export const DisableVoucher = local('order.disable-voucher', {
  summary: 'Let no more orders use a voucher.',
  schema: z.strictObject({ code: z.string() }),
  key: (data) => data.code,
});
