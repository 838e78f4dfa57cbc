import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

const ofCustomer = ['credentials', 'sessions'].map(
  (table) => `DELETE FROM ${table} WHERE customer_id = $1`,
);

/** The rows of erased customers that are deleted, instead of being kept without personal data. */
@Injectable()
export class ErasedRows {
  constructor(private readonly dataSource: DataSource) {}

  /** The hash by which the e-mail address of a customer is found; null if nobody finds it any more. */
  async emailHash(customerId: string): Promise<string | null> {
    const [owner] = await this.dataSource.query<{ hash: string }[]>(
      'SELECT email_hash AS hash FROM email_owners WHERE customer_id = $1',
      [customerId],
    );
    return owner?.hash ?? null;
  }

  /** Deletes the password and the sessions of a customer, and the hashes of all addresses that nobody has. */
  async delete(customerId: string): Promise<void> {
    for (const statement of ofCustomer) await this.dataSource.query(statement, [customerId]);
    await this.dataSource.query('DELETE FROM email_owners WHERE customer_id IS NULL');
  }

  /** Customers whose erasure has begun and not ended. */
  async unfinished(): Promise<readonly string[]> {
    const found = await this.dataSource.query<{ id: string }[]>(
      `SELECT DISTINCT a.id FROM data_keys k JOIN customer_accounts a ON a.id = k.subject
        WHERE k.wrapped IS NULL AND (a.status <> 'erased'
          OR a.id IN (SELECT customer_id FROM credentials UNION ALL SELECT customer_id FROM sessions))`,
    );
    return found.map(({ id }) => id);
  }
}
