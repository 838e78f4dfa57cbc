import { Problem } from '@waybill/http';
import type { SloMinute } from '@waybill/observability';
import { HealthReceiver, type ProcessHealth } from '../health-receiver.ts';
import type { ServiceDoor } from './service-door.ts';

const patience = 3_000;

/** Posts what this gateway sees to the notification service, which raises alerts. */
export class RemoteHealthReceiver extends HealthReceiver {
  constructor(private readonly door: ServiceDoor) {
    super();
  }

  async receive(source: string, processes: readonly ProcessHealth[]): Promise<void> {
    await this.post('/internal/observations', { source, processes });
  }

  async count(source: string, accepts: readonly SloMinute[]): Promise<readonly SloMinute[]> {
    const others = await this.post('/internal/observations/accepts', { source, accepts });
    return JSON.parse(others) as readonly SloMinute[];
  }

  private async post(path: string, body: object): Promise<string> {
    const headers = {
      authorization: `Bearer ${await this.door.tokens.issue()}`,
      'content-type': 'application/json',
    };
    return this.door.ofOne(async ({ pool }) => {
      const { statusCode, body: answer } = await pool.request({
        method: 'POST',
        path,
        headers,
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(patience),
      });
      const text = await answer.text();
      if (statusCode < 300) return text;
      throw new Problem(502, 'unavailable', `${path} was answered with ${statusCode}`);
    });
  }
}
