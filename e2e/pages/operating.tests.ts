import { expect, it } from '@jest/globals';
import type { TestPage } from './browser.ts';
import { act, notice } from './operator.ts';

/** Operating channels from the console: each action asks, and is audited. */
export function operatingTests(signedIn: (path: string) => Promise<TestPage>): void {
  const channel = 'notification.tasks';

  it('pauses a channel, purges it once its name is confirmed, and resumes it', async () => {
    const ops = await signedIn(`/console/channels/${channel}`);
    const { page } = ops;
    const paused = page.locator('.title .status', { hasText: 'paused' });
    await act(ops, 'Pause');
    await notice(ops, `${channel} is paused.`);
    await paused.waitFor();
    const name = 'The name of the channel, to confirm';
    await act(ops, 'Purge', { fields: { [name]: 'order.events' } });
    const dialog = page.getByRole('dialog');
    await dialog
      .getByRole('alert')
      .filter({ hasText: `is ${channel}` })
      .waitFor();
    await dialog.getByLabel(name).fill(channel);
    await dialog.getByRole('button', { name: 'Purge' }).click();
    await notice(ops, `What waited in ${channel} is gone.`);
    await act(ops, 'Resume');
    await paused.waitFor({ state: 'detached' });
    expect(ops.errors).toEqual([]);
  });

  it('says why a broker moves no group', async () => {
    const ops = await signedIn('/console/channels/order.events');
    await act(ops, 'Seek');
    const refusal = ops.page.getByRole('dialog').getByRole('alert');
    await refusal.filter({ hasText: /cannot move group|pause the channel first/ }).waitFor();
    await ops.page.getByRole('dialog').getByRole('button', { name: 'Back' }).click();
    expect(ops.errors).toEqual([]);
  });

  it('audits what was done to channels, and what was refused', async () => {
    const ops = await signedIn('/console/audit');
    for (const [action, subject, status] of [
      ['pause', channel, '200'],
      ['purge', channel, '422'],
      ['purge', channel, '202'],
      ['resume', channel, '200'],
      ['seek', 'order.events', '409'],
    ])
      await ops.page
        .getByRole('row')
        .filter({ hasText: `POST /api/v1/channels/{name}/${action}` })
        .filter({ hasText: subject })
        .filter({ hasText: status })
        .waitFor();
  });
}
