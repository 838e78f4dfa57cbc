/** The day of an instant (RFC 3339) in the shop's time zone, such as 2026-12-31. */
export type ShopCalendar = (instant: string) => string;

/** The calendar of a time zone such as Europe/Berlin; throws `RangeError` if there is none of this name. */
export function shopCalendar(timeZone: string): ShopCalendar {
  const days = new Intl.DateTimeFormat('en', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  return (instant) => {
    const parts = days.formatToParts(new Date(instant));
    const part = (type: string) => parts.find((each) => each.type === type)?.value ?? '';
    return `${part('year')}-${part('month')}-${part('day')}`;
  };
}
