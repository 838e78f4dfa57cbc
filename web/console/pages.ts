import type { JSX } from 'preact';

/** A page of the console; `:id` in its path is what the page is about. */
export interface ConsolePage {
  readonly path: string;
  readonly title: string;
  /** Without one it is reached from other pages only. */
  readonly inMenu?: boolean;
  readonly load: () => Promise<() => JSX.Element>;
}

export const pages: readonly ConsolePage[] = [
  {
    path: '/console',
    title: 'Overview',
    inMenu: true,
    load: async () => (await import('./overview.tsx')).Overview,
  },
  {
    path: '/console/orders',
    title: 'Orders',
    inMenu: true,
    load: async () => (await import('./orders.tsx')).Orders,
  },
  {
    path: '/console/orders/:id',
    title: 'Journey',
    load: async () => (await import('./order.tsx')).OrderJourney,
  },
  {
    path: '/console/sagas',
    title: 'Sagas',
    inMenu: true,
    load: async () => (await import('./sagas.tsx')).Sagas,
  },
  {
    path: '/console/sagas/:id',
    title: 'Saga',
    load: async () => (await import('./saga.tsx')).Saga,
  },
  {
    path: '/console/dead-letters',
    title: 'Dead letters',
    inMenu: true,
    load: async () => (await import('./dead-letters.tsx')).DeadLetters,
  },
  {
    path: '/console/dead-letters/:id',
    title: 'Dead letter',
    load: async () => (await import('./dead-letter.tsx')).DeadLetter,
  },
  {
    path: '/console/channels',
    title: 'Channels',
    inMenu: true,
    load: async () => (await import('./channels.tsx')).Channels,
  },
  {
    path: '/console/channels/:id',
    title: 'Channel',
    load: async () => (await import('./channel.tsx')).Channel,
  },
  {
    path: '/console/messages/:id',
    title: 'Message',
    load: async () => (await import('./message.tsx')).Message,
  },
  {
    path: '/console/deferred',
    title: 'Deferred',
    inMenu: true,
    load: async () => (await import('./deferred.tsx')).Deferred,
  },
  {
    path: '/console/mail',
    title: 'Mail',
    inMenu: true,
    load: async () => (await import('./mail.tsx')).Mail,
  },
  {
    path: '/console/webhooks',
    title: 'Webhooks',
    inMenu: true,
    load: async () => (await import('./webhooks.tsx')).Webhooks,
  },
  {
    path: '/console/webhooks/:id',
    title: 'Webhook',
    load: async () => (await import('./webhook.tsx')).Webhook,
  },
  {
    path: '/console/alerts',
    title: 'Alerts',
    inMenu: true,
    load: async () => (await import('./alerts.tsx')).Alerts,
  },
  {
    path: '/console/faults',
    title: 'Faults',
    inMenu: true,
    load: async () => (await import('./faults.tsx')).Faults,
  },
  {
    path: '/console/load',
    title: 'Load',
    inMenu: true,
    load: async () => (await import('./load.tsx')).Load,
  },
  {
    path: '/console/audit',
    title: 'Audit',
    inMenu: true,
    load: async () => (await import('./audit.tsx')).Audit,
  },
];

/** The page of a path. */
export function pageOf(path: string): ConsolePage | null {
  for (const page of pages) {
    const pattern = new RegExp(`^${page.path.replace(':id', '[^/]+')}$`);
    if (pattern.test(path)) return page;
  }
  return null;
}
