import { Inject, Injectable } from '@nestjs/common';
import { GiveVoucherBack, momentText } from '@waybill/contracts';
import { Handles, on } from '@waybill/messaging';
import { CONFIG } from '@waybill/service';
import { holderId, type VoucherTerms } from '../domain/voucher.ts';
import type { OrderConfig } from '../order.config.ts';
import { voucherHolders, vouchers } from '../storage/voucher.entities.ts';
import { VoucherRefused } from './voucher.errors.ts';
import { CreateVoucher, DisableVoucher } from './voucher.local.ts';

/** Creates and disables vouchers, and takes back their uses; `acceptOrder` counts the uses. */
@Injectable()
export class VoucherConsumer {
  constructor(@Inject(CONFIG) private readonly config: OrderConfig) {}

  @Handles()
  create() {
    return on(CreateVoucher, vouchers, {
      state: ({ code }) => code,
      decide: (found, terms, { now }) => {
        if (found) {
          throw new VoucherRefused('voucher_exists', `there is a voucher ${terms.code} already`);
        }
        this.checkCurrency(terms);
        const voucher = { ...terms, uses: 0, disabledAt: null, createdAt: momentText(now) };
        return { changes: [vouchers.put(voucher)], answer: voucher };
      },
    });
  }

  @Handles()
  disable() {
    return on(DisableVoucher, vouchers, {
      state: ({ code }) => code,
      decide: (voucher, { code }, { now }) => {
        if (!voucher) throw new VoucherRefused('not_found', `there is no voucher ${code}`);
        if (voucher.disabledAt !== null) return { answer: voucher };
        const disabled = { ...voucher, disabledAt: momentText(now) };
        return { changes: [vouchers.put(disabled)], answer: disabled };
      },
    });
  }

  /** An order that holds the voucher came to nothing. The inbox makes this happen once for each order. */
  @Handles()
  giveBack() {
    return on(GiveVoucherBack, vouchers, {
      state: ({ code }) => code,
      also: ({ code, customerId }) => [voucherHolders.at(holderId(code, customerId))],
      decide: (voucher, { code, customerId }, { read }) => {
        const holder = read(voucherHolders.at(holderId(code, customerId)));
        if (!voucher || !holder) return {};
        return {
          changes: [
            vouchers.put({ ...voucher, uses: voucher.uses - 1 }),
            voucherHolders.put({ ...holder, uses: holder.uses - 1 }),
          ],
        };
      },
    });
  }

  private checkCurrency({ code, amount, currency }: VoucherTerms): void {
    const { shopCurrency } = this.config;
    if (currency === shopCurrency) return;
    const detail = `the amounts of ${code} are in ${currency}; this shop sells in ${shopCurrency}`;
    const field = amount === null ? 'minimumSubtotal' : 'amount';
    throw new VoucherRefused('wrong_currency', detail, `/${field}/currency`);
  }
}
