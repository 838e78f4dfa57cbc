/** The country of the shop, where its parcels come from. */
export const homeCountry = 'DE';

/** The countries that the shop delivers to, by their ISO 3166 codes; order knows the tax rates of each. */
export const destinations: readonly string[] = [
  ...'AE AT AU BE BG BR CA CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IL IN IS'.split(' '),
  ...'IT JP KR LI LT LU LV MT MX NL NO NZ PL PT RO SE SG SI SK TR US ZA'.split(' '),
];

/** What a caller is told who names a country that is no destination. */
export const noDeliveryTo = (country: string): string => `this shop does not deliver to ${country}`;
