let latest: { readonly moment: Date; readonly text: string } | undefined;

/** A moment as RFC 3339 text, in UTC. A batch asks for that of its own again and again, and it is written once. */
export function momentText(moment: Date): string {
  if (latest?.moment !== moment) latest = { moment, text: moment.toISOString() };
  return latest.text;
}
