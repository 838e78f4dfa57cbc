let latest: { readonly moment: Date; readonly text: string } | undefined;

/** A moment as RFC 3339 text, in UTC. Cached for the last `Date` object, because a batch formats its own again and again. */
export function momentText(moment: Date): string {
  if (latest?.moment !== moment) latest = { moment, text: moment.toISOString() };
  return latest.text;
}
