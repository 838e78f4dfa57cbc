import type { StreamEvent } from '@waybill/messaging';

/** By event type and version of its data (the field `v`; default 1): old data → data of the next version. */
export type EventUpcasters = Readonly<
  Record<string, Readonly<Record<number, (old: never) => object>>>
>;

export type Upcast = (event: StreamEvent) => StreamEvent;

/** Converts stored events to the current version of their data; the stored rows never change. */
export function upcasting(upcasters: EventUpcasters): Upcast {
  return ({ type, data }) => {
    const chain = upcasters[type];
    if (!chain) return { type, data };
    let lifted = data;
    for (;;) {
      const version = versionOf(lifted);
      const upcast = chain[version];
      if (!upcast) return { type, data: lifted };
      lifted = { ...upcast(lifted as never), v: version + 1 };
    }
  };
}

const versionOf = (data: object): number => (data as { v?: number }).v ?? 1;
