import { Injectable } from '@nestjs/common';
import { FindAccount, foundAccount } from '@waybill/contracts';
import { Problem } from '@waybill/http';
import { Requests } from '@waybill/messaging';
import type { Trace } from '@waybill/observability';
import { ServiceSettings } from '@waybill/service';

/** Milliseconds. */
const deadline = 3_000;

/** Asks the customer service whose store credit may grow. */
@Injectable()
export class Customers {
  constructor(
    private readonly requests: Requests,
    private readonly settings: ServiceSettings,
  ) {}

  /** Rejects with 404 for an id of nobody, and of an erased customer. Customers of another issuer of tokens are not known here. */
  async check(customerId: string, trace: Trace): Promise<void> {
    if (this.settings.access.issuer !== null) return;
    const status = await this.status(customerId, trace);
    if (status === 'active' || status === 'inactive') return;
    throw new Problem(404, 'not_found', `there is no customer ${customerId}`);
  }

  private async status(customerId: string, trace: Trace): Promise<string> {
    try {
      const options = { ...trace, deadline, answer: foundAccount };
      return (await this.requests.request(FindAccount, { customerId }, options)).status;
    } catch (cause) {
      throw new Problem(503, 'unavailable', 'the customer service does not answer; try again', {
        headers: { 'retry-after': '2' },
        cause,
      });
    }
  }
}
