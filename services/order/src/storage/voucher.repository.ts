import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { MoreThan, Repository } from 'typeorm';
import type { Voucher } from '../domain/voucher.ts';
import { VoucherEntity } from './voucher.entities.ts';

/** Reads vouchers. All writes go through the consumer's commits. */
@Injectable()
export class VoucherRepository {
  constructor(
    @InjectRepository(VoucherEntity) private readonly vouchers: Repository<VoucherEntity>,
  ) {}

  async find(code: string): Promise<Voucher | undefined> {
    return (await this.vouchers.findOneBy({ code })) ?? undefined;
  }

  /** Up to `limit` vouchers by code. */
  list(limit: number, after?: string): Promise<Voucher[]> {
    return this.vouchers.find({
      where: after === undefined ? {} : { code: MoreThan(after) },
      order: { code: 'ASC' },
      take: limit,
    });
  }
}
