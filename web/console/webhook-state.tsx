import type { Schemas } from '@waybill/client';
import type { JSX } from 'preact';

/** Whether a webhook is told of events, and whether that works. */
export function WebhookState({ webhook }: { webhook: Schemas['Webhook'] }): JSX.Element {
  if (!webhook.enabled)
    return (
      <span class="status disabled">disabled, {webhook.disabledReason ?? 'by its owner'}</span>
    );
  return webhook.failingSince ? (
    <span class="status failed">failing</span>
  ) : (
    <span class="status healthy">enabled</span>
  );
}
