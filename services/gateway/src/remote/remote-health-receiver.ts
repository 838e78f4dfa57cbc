import { Problem } from '@waybill/http';
import { HealthReceiver, type ProcessHealth } from '../health-receiver.ts';
import type { ServiceDoor } from './service-door.ts';

const patience = 3_000;

/** Posts the health of the system to the notification service, which raises alerts. */
export class RemoteHealthReceiver extends HealthReceiver {
  constructor(private readonly door: ServiceDoor) {
    super();
  }

  async receive(source: string, processes: readonly ProcessHealth[]): Promise<void> {
    const body = JSON.stringify({ source, processes });
    const headers = {
      authorization: `Bearer ${await this.door.tokens.issue()}`,
      'content-type': 'application/json',
    };
    await this.door.ofOne(async ({ pool }) => {
      const { statusCode, body: answer } = await pool.request({
        method: 'POST',
        path: '/internal/observations',
        headers,
        body,
        signal: AbortSignal.timeout(patience),
      });
      await answer.dump();
      if (statusCode !== 204)
        throw new Problem(502, 'unavailable', `the health was answered with ${statusCode}`);
    });
  }
}
