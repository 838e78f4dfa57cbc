/** The destination of a parcel in price lists; `union` needs no customs papers. */
export const zones = ['domestic', 'union', 'europe', 'world'] as const;
export type Zone = (typeof zones)[number];

const union = new Set(
  'AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MC MT NL PL PT RO SE SI SK'.split(' '),
);
const europe = new Set('AD AL BA CH FO GB GI IS LI MD ME MK NO RS SM UA VA XK'.split(' '));

/** The zone of a destination, relative to the country that parcels are sent from. */
export function zoneOf(country: string, home: string): Zone {
  if (country === home) return 'domestic';
  if (union.has(country)) return 'union';
  return europe.has(country) ? 'europe' : 'world';
}
