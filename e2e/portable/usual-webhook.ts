import type { Client } from '../system/client.ts';

/** The id of a webhook that is enabled, of an earlier run if there is one, because there is a limit to their number. */
export async function usualWebhook(customer: Client): Promise<string> {
  const [known] = await customer.all('/api/v1/webhooks', {});
  const made = { url: 'https://hooks.example/', events: ['order.refunded'] };
  const { id } = known ?? (await customer.post<{ id: string }>('/api/v1/webhooks', made)).body;
  if (known?.enabled === false)
    await customer.send('PATCH', `/api/v1/webhooks/${id}`, { json: { enabled: true } });
  return id;
}
